package peerbench_test

import (
	"context"
	"fmt"
	"log"

	"cel.dev/cel-go/cel"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// celRule returns a rule that fires where an expression of CEL holds. Of a mailbox the
// expression sees kind and gigabytes. One whose size is not known is unverified: in an
// expression it would look empty.
func celRule(r rules.Rule, expression, message string) (*rules.Rule, error) {
	env, err := cel.NewEnv(cel.Variable("kind", cel.StringType), cel.Variable("gigabytes", cel.DoubleType))
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	if ast.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("%s is no condition: it is a %s", expression, ast.OutputType())
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, err
	}
	r.Mailbox = func(p *rules.Pass, m *inventory.Mailbox) {
		size, known := m.Size.Get()
		if !known {
			p.Unverifiedf("Its size is not known; export it with Get-MailboxStatistics.")
			return
		}
		holds, _, err := program.Eval(map[string]any{"kind": string(m.Kind), "gigabytes": float64(size) / float64(inventory.GB)})
		switch {
		case err != nil:
			p.Unverifiedf("The expression has no value: %s", err)
		case holds.Value() == true:
			p.Reportf("%s", message)
		}
	}
	return &r, nil
}

// A rule whose condition is written in CEL. A program is compiled once, and is one func of
// a rule like any other.
func Example() {
	rule, err := celRule(
		rules.Rule{Name: "large-shared", Doc: "Large shared mailboxes move at the weekend.", Severity: rules.Task},
		`kind == "SharedMailbox" && gigabytes > 10.0`, "Move it at the weekend.")
	if err != nil {
		log.Fatal(err)
	}
	inv, err := inventory.New(inventory.Organization{}, []inventory.Mailbox{
		{Address: "anna@contoso.com", Kind: inventory.UserMailbox, Size: inventory.Known(20 * inventory.GB)},
		{Address: "info@contoso.com", Kind: inventory.SharedMailbox},
		{Address: "sales@contoso.com", Kind: inventory.SharedMailbox, Size: inventory.Known(20 * inventory.GB)},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	report, err := rules.Check(context.Background(), inv, []*rules.Rule{rule})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Findings {
		fmt.Println(f.Severity, f.Subject, f.Message)
	}
	_, err = celRule(rules.Rule{}, `kind == "SharedMailbox" && gigabyte > 10.0`, "")
	fmt.Println(err)
	// Output:
	// task info@contoso.com Its size is not known; export it with Get-MailboxStatistics.
	// task sales@contoso.com Move it at the weekend.
	// ERROR: <input>:1:28: undeclared reference to 'gigabyte' (did you mean 'gigabytes'?)
	//  | kind == "SharedMailbox" && gigabyte > 10.0
	//  | ...........................^
}
