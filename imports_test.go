package staged_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testHelp is what users test their own rules with. It reads files as csvio does, so
// that it lies above it.
const testHelp = "rules/rulestest"

// pictures are of what package estimate makes, so that they lie above it.
const pictures = "estimate/gantt"

const module = "github.com/staged-migration/staged"

// sources parses every Go file of the module that is not a test.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := make(map[string]*ast.File)
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(name), nil, 0)
		files[name] = file
		return err
	})
	require.NoError(t, err)
	require.Greater(t, len(files), 30)
	return files
}

func imports(file *ast.File) []string {
	var paths []string
	for _, spec := range file.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, p)
	}
	return paths
}

// The library does no I/O but through readers and writers, and reads neither
// clock nor environment.
func TestLibraryTouchesNothingOutside(t *testing.T) {
	forbidden := []string{"os", "os/exec", "os/signal", "os/user", "net", "net/http", "log", "syscall", "unsafe", "io/ioutil", "path/filepath", "embed", "testing"}
	for name, file := range sources(t) {
		if strings.HasPrefix(name, "examples/") {
			continue
		}
		for _, p := range imports(file) {
			if p == "testing" && path.Dir(name) == testHelp {
				continue
			}
			if slices.Contains(forbidden, p) {
				t.Errorf("%s imports %s", name, p)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker"}, sel.Sel.Name) {
				t.Errorf("%s uses time.%s", name, sel.Sel.Name)
			}
			return true
		})
	}
}

// Imports go one way, as the floors of the house lie, and only the upper ones
// use other people's modules.
func TestImportsGoOneWay(t *testing.T) {
	floors := []string{"inventory", "batch", "estimate", pictures, "rules", "csvio", testHelp, "."}
	thirdParty := map[string][]string{
		"csvio":    {"golang.org/x/text", "github.com/gocarina/gocsv"},
		"examples": {"golang.org/x/text"},
	}
	top := func(p string) string {
		first, _, _ := strings.Cut(p, "/")
		return first
	}
	for name, file := range sources(t) {
		own := "."
		if dir := path.Dir(name); dir != "." {
			own = top(dir)
			if slices.Contains(floors, dir) {
				own = dir
			}
		}
		for _, p := range imports(file) {
			inside, ours := strings.CutPrefix(p, module)
			switch {
			case ours && own == "examples":
				// Examples may use everything.
			case ours:
				target := "."
				if inside != "" {
					target = top(inside[1:])
					if slices.Contains(floors, inside[1:]) {
						target = inside[1:]
					}
				}
				// What lies below a directory belongs to the package there.
				sameFloor := target == own && strings.HasPrefix(inside, "/"+path.Dir(name)+"/") || target == own && strings.Contains(inside, "/internal/")
				if below := slices.Index(floors, target); !sameFloor && (below < 0 || below >= slices.Index(floors, own)) {
					t.Errorf("%s imports %s, which is not below it", name, p)
				}
			case strings.Contains(top(p), "."):
				if !slices.ContainsFunc(thirdParty[own], func(m string) bool { return p == m || strings.HasPrefix(p, m+"/") }) {
					t.Errorf("%s imports %s", name, p)
				}
			}
		}
	}
}
