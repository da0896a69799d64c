package powershell_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/rules/powershell"
)

// hostile are texts that would do something if they were not quoted.
var hostile = []string{
	"", "'", "''", "\u2018", "\u2019", "\u201a", "\u201b", "\u201c\u201d\u201e", `"`, "`", "``", "$", "$(Remove-Mailbox)", "$item",
	"\r", "\n", "\r\n", "\u0085", "\u2028", "\u2029", "\x00", "\x1a", "\x7f", "\ufeff", "\u202e", ";", "|", "&", ",", "#", "#>", "<#",
	"#requires -version 9", "SIG # Begin signature block", "@", "@'\n", "\n'@\n", "%", "-", "-Confirm", "--%", "\u2013a", "(", ")", "{", "}",
	"[", "]", "a@contoso.com", "M\u00fcller", "\u00d1; Remove-Mailbox *", "\U0001f600", "\u65e5\u672c", "\uffff", "\ufffd", " ", "\u00a0",
	"'; Remove-Mailbox a; '", "\u2019; Remove-Mailbox a; \u2019", "')) { } Remove-Mailbox a #",
}

func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom(hostile),
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(hostile), 0, 4), func(s []string) string { return strings.Join(s, "") }),
	)
}

// names begin with a letter that no keyword of the language begins with, and have no
// digits, which the grammar of TestScriptsParse lacks in names of parameters.
func names() *rapid.Generator[string] { return rapid.StringMatching(`[Vv][A-Za-z]{0,8}`) }

// sample is a script with what must come of it.
type sample struct {
	script powershell.Script
	calls  [][]call
}

// parameter draws a parameter, and the argument that an item makes of it.
func parameter(t *rapid.T) (powershell.Parameter, func(item string) string) {
	name := names().Draw(t, "parameter")
	is := func(value string) func(string) string { return func(string) string { return "-" + name + value } }
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0:
		return powershell.Item(name), func(item string) string { return fmt.Sprintf("-%s %q", name, item) }
	case 1:
		text := texts().Draw(t, "text")
		return powershell.Text(name, text), is(fmt.Sprintf(" %q", text))
	case 2:
		list := rapid.SliceOfN(texts(), 0, 4).Draw(t, "texts")
		return powershell.Texts(name, list...), is(fmt.Sprintf(" %q", list))
	case 3:
		yes := rapid.Bool().Draw(t, "bool")
		return powershell.Bool(name, yes), is(fmt.Sprintf(" $%t", yes))
	case 4:
		n := rapid.Int64().Draw(t, "int")
		return powershell.Int(name, n), is(fmt.Sprintf(" %d", n))
	case 5:
		return powershell.Switch(name), is("")
	case 6:
		path := texts().Draw(t, "path")
		return powershell.FileBytes(name, path), is(fmt.Sprintf(" bytes of %q", path))
	}
	variable := names().Draw(t, "variable")
	return powershell.Variable(name, variable), is(" $" + variable)
}

// command draws a command, and the pipeline that an item makes of it.
func command(t *rapid.T, shell powershell.Shell, more int) (powershell.Command, func(item string) []call) {
	c := powershell.Command{Shell: shell, Cmdlet: names().Draw(t, "verb") + "-" + names().Draw(t, "noun")}
	var arguments []func(string) string
	for range rapid.IntRange(0, 4).Draw(t, "parameters") {
		p, argument := parameter(t)
		c.Parameters, arguments = append(c.Parameters, p), append(arguments, argument)
	}
	var rest func(string) []call
	if more > 0 && rapid.Bool().Draw(t, "into") {
		var into powershell.Command
		into, rest = command(t, shell, more-1)
		c.Into = &into
	}
	return c, func(item string) []call {
		this := call{c.Cmdlet}
		for _, argument := range arguments {
			this = append(this, argument(item))
		}
		if rest == nil {
			return []call{this}
		}
		return append([]call{this}, rest(item)...)
	}
}

func samples() *rapid.Generator[sample] {
	return rapid.Custom(func(t *rapid.T) (s sample) {
		shell := rapid.SampledFrom([]powershell.Shell{powershell.Exchange2007, powershell.ExchangeOnline}).Draw(t, "shell")
		s.script.Title = texts().Draw(t, "title")
		for range rapid.IntRange(0, 3).Draw(t, "groups") {
			g := powershell.Group{Comment: texts().Draw(t, "comment"), Items: rapid.SliceOfN(texts(), 0, 6).Draw(t, "items")}
			var pipelines []func(string) []call
			for range rapid.IntRange(0, 3).Draw(t, "commands") {
				c, pipeline := command(t, shell, 2)
				g.Commands, pipelines = append(g.Commands, c), append(pipelines, pipeline)
			}
			s.script.Groups = append(s.script.Groups, g)
			s.calls = append(s.calls, expected(g, pipelines)...)
		}
		return s
	})
}

// expected is what a group calls: see [powershell.Group.Commands].
func expected(g powershell.Group, pipelines []func(string) []call) (calls [][]call) {
	for from := 0; from < len(pipelines); {
		if !g.Commands[from].TakesItem() {
			calls = append(calls, pipelines[from](""))
			from++
			continue
		}
		to := from
		for to < len(pipelines) && g.Commands[to].TakesItem() {
			to++
		}
		for _, item := range g.Items {
			for _, pipeline := range pipelines[from:to] {
				calls = append(calls, pipeline(item))
			}
		}
		from = to
	}
	return calls
}

func render(t require.TestingT, s *powershell.Script) string {
	var b bytes.Buffer
	n, err := s.WriteTo(&b)
	require.NoError(t, err)
	require.EqualValues(t, b.Len(), n)
	return b.String()
}

// Whatever the values, a script calls what it is to call, with just these values, and
// nothing else.
func TestScriptsDoWhatTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := samples().Draw(t, "sample")
		text := render(t, &s.script)
		m, err := run(text)
		require.NoError(t, err, "%s", text)
		require.Empty(t, cmp.Diff(s.calls, m.calls), "%s", text)
		require.Equal(t, text, render(t, &s.script), "the same bytes each time")
	})
}

// A Windows PowerShell takes a script without a byte order mark to be in the code page
// of its machine. That may garble comments and nothing else.
func TestScriptsDoTheSameInAnyCodePage(t *testing.T) {
	codePages := map[string]encoding.Encoding{
		"1252": charmap.Windows1252, "1250": charmap.Windows1250, "1251": charmap.Windows1251, "1255": charmap.Windows1255,
		"850": charmap.CodePage850, "latin1": charmap.ISO8859_1, "932": japanese.ShiftJIS, "936": simplifiedchinese.GBK,
		"54936": simplifiedchinese.GB18030, "949": korean.EUCKR, "950": traditionalchinese.Big5,
	}
	rapid.Check(t, func(t *rapid.T) {
		s := samples().Draw(t, "sample")
		text := render(t, &s.script)
		for name, page := range codePages {
			decoded, err := page.NewDecoder().String(text)
			require.NoError(t, err)
			m, err := run(decoded)
			require.NoError(t, err, "%s: %s", name, decoded)
			require.Empty(t, cmp.Diff(s.calls, m.calls), "%s: %s", name, decoded)
		}
		// The worst decoder: whatever is behind a byte that is not ASCII belongs to it.
		var b []byte
		for i := 0; i < len(text); i++ {
			if text[i] >= utf8.RuneSelf {
				i++
				b = append(b, '?')
				continue
			}
			b = append(b, text[i])
		}
		m, err := run(string(b))
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(s.calls, m.calls))
	})
}

// One text that is quoted is one token, or a sum in parentheses, with its value.
func FuzzQuote(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, text string) {
		code, err := powershell.Quote(text)
		require.Equal(t, utf8.ValidString(text), err == nil)
		if err != nil {
			require.ErrorIs(t, err, powershell.ErrInvalid)
			require.Empty(t, code)
			return
		}
		for i := range len(code) {
			require.True(t, code[i] >= ' ' && code[i] <= '~', "%q", code)
		}
		m := new(machine)
		m.tokens, err = lex(code)
		require.NoError(t, err, code)
		require.Equal(t, text, m.expression(), code)
		require.Equal(t, len(m.tokens), m.at, "there is nothing behind it: %s", code)
	})
}

// Names are not trusted, comments cannot end early.
func FuzzScript(f *testing.F) {
	for i, text := range hostile {
		f.Add(text, "Set-Mailbox", "Identity", "User", hostile[len(hostile)-1-i], text)
		f.Add(text, "Set-Mailbox"+text, "Identity", "User", "a", "")
		f.Add(text, "Set-Mailbox", "Identity"+text, "User", "a", "")
		f.Add(text, "Set-Mailbox", "Identity", "User"+text, "a", "")
	}
	f.Fuzz(func(t *testing.T, comment, cmdlet, name, variable, item, value string) {
		s := powershell.Script{Title: comment, Groups: []powershell.Group{
			{Comment: comment, Items: []string{item, comment}},
			{Comment: comment, Items: []string{item, value}, Commands: []powershell.Command{{
				Shell: powershell.Exchange2007, Cmdlet: cmdlet, Parameters: []powershell.Parameter{
					powershell.Item(name), powershell.Variable("User", variable), powershell.Text("Value", value),
				},
			}}},
		}}
		var b bytes.Buffer
		if _, err := s.WriteTo(&b); err != nil {
			require.ErrorIs(t, err, powershell.ErrInvalid)
			require.Zero(t, b.Len(), "nothing is written of a script that is not valid")
			return
		}
		m, err := run(b.String())
		require.NoError(t, err, b.String())
		require.Empty(t, cmp.Diff([][]call{
			{{cmdlet, fmt.Sprintf("-%s %q", name, item), "-User $" + variable, fmt.Sprintf("-Value %q", value)}},
			{{cmdlet, fmt.Sprintf("-%s %q", name, value), "-User $" + variable, fmt.Sprintf("-Value %q", value)}},
		}, m.calls), b.String())
		require.Equal(t, []string{"$" + variable + " must be set"}, m.notes)
	})
}
