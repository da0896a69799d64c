package peerbench_test

import (
	"reflect"
	"sync"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// celView is a view as the variable m of CEL, already as one of its values.
type celView struct{ m ref.Val }

func (v *celView) ResolveName(name string) (any, bool) { return v.m, name == "m" }
func (v *celView) Parent() cel.Activation              { return nil }

func celRules(t testing.TB, views []view) (out []*rules.Rule) {
	t.Helper()
	env, err := cel.NewEnv(ext.NativeTypes(reflect.TypeFor[view]()), cel.Variable("m", cel.ObjectType("peerbench_test.view")))
	require.NoError(t, err)
	values := make([]celView, len(views))
	for i := range views {
		values[i].m = env.CELTypeAdapter().NativeToValue(&views[i])
	}
	for _, text := range ruleTexts {
		ast, issues := env.Compile(text.cel)
		require.NoError(t, issues.Err(), text.name)
		require.Equal(t, cel.BoolType, ast.OutputType(), text.name)
		program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
		require.NoError(t, err, text.name)
		out = append(out, rule(text.name, func(p *rules.Pass, m *inventory.Mailbox) {
			v, _, err := program.Eval(&values[m.Source.Line])
			if err != nil {
				panic(err)
			}
			if v.Value().(bool) {
				p.Reportf(found)
			}
		}))
	}
	return out
}

func exprRules(t testing.TB, views []view) (out []*rules.Rule) {
	t.Helper()
	machines := sync.Pool{New: func() any { return new(vm.VM) }} // one serves one goroutine at a time
	for _, text := range ruleTexts {
		program, err := expr.Compile(text.expr, expr.Env(&view{}), expr.AsBool())
		require.NoError(t, err, text.name)
		out = append(out, rule(text.name, func(p *rules.Pass, m *inventory.Mailbox) {
			machine := machines.Get().(*vm.VM)
			defer machines.Put(machine)
			v, err := machine.Run(program, &views[m.Source.Line])
			if err != nil {
				panic(err)
			}
			if v.(bool) {
				p.Reportf(found)
			}
		}))
	}
	return out
}
