//go:build ignore

// Api lists the exported API of the module, a declaration a line, so that no
// change of it goes unseen.
//
//	go run .ci/api.go > .ci/api.txt
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"log"
	"os"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	for _, dir := range []string{".", "inventory", "batch", "estimate", "estimate/gantt", "rules", "rules/powershell", "rules/rulestest", "csvio"} {
		lines, err := list(dir)
		if err != nil {
			log.Fatal(err)
		}
		for _, line := range lines {
			fmt.Println(line)
		}
	}
}

// list returns the exported declarations of the package in a folder.
func list(dir string) ([]string, error) {
	fset := token.NewFileSet()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, dir+"/"+e.Name(), nil, 0)
		if err != nil {
			return nil, err
		}
		ast.FileExports(file)
		for _, decl := range file.Decls {
			for _, text := range declarations(fset, decl) {
				lines = append(lines, file.Name.Name+": "+text)
			}
		}
	}
	slices.Sort(lines)
	return lines, nil
}

func declarations(fset *token.FileSet, decl ast.Decl) []string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil && !ast.IsExported(receiver(d)) {
			return nil
		}
		d.Body = nil
		return []string{text(fset, d)}
	case *ast.GenDecl:
		var out []string
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				out = append(out, typeLines(fset, s)...)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					out = append(out, d.Tok.String()+" "+name.Name)
				}
			}
		}
		return out
	}
	return nil
}

// receiver returns the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	return t.(*ast.Ident).Name
}

// typeLines returns a type, and each exported field of a struct on a line of its
// own.
func typeLines(fset *token.FileSet, s *ast.TypeSpec) []string {
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return []string{"type " + text(fset, s)}
	}
	parameters := ""
	if s.TypeParams != nil {
		for _, p := range s.TypeParams.List {
			parameters += fmt.Sprintf("[%s %s]", p.Names[0].Name, text(fset, p.Type))
		}
	}
	out := []string{"type " + s.Name.Name + parameters + " struct"}
	for _, f := range st.Fields.List {
		f.Tag, f.Doc, f.Comment = nil, nil, nil
		for _, name := range f.Names {
			out = append(out, "type "+s.Name.Name+" struct, "+name.Name+" "+text(fset, f.Type))
		}
		if len(f.Names) == 0 {
			out = append(out, "type "+s.Name.Name+" struct, embedded "+text(fset, f.Type))
		}
	}
	return out
}

func text(fset *token.FileSet, node any) string {
	var buf bytes.Buffer
	if err := printer.Fprint(&buf, fset, node); err != nil {
		log.Fatal(err)
	}
	return strings.Join(strings.Fields(buf.String()), " ")
}
