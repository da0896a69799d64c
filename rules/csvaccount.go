package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/staged-migration/staged/inventory"
)

// The lengths of a password that the service takes, in units of UTF-16, which all but
// rare characters have one of.
//
// Source of the minimum: learn.microsoft.com, csv-files-for-migration. The maximum is
// that of servers of the Exchange 15 generation as observed; it is undocumented.
const (
	MinPasswordLength = 8
	MaxPasswordLength = 16
)

func csvPasswordPolicy(params Params) *Rule {
	least, most := params.MinPassword, params.MaxPassword
	if least == 0 {
		least = MinPasswordLength
	}
	if most == 0 {
		most = MaxPasswordLength
	}
	return &Rule{
		Name: "csv-password-policy",
		Doc:  "A password in a batch file has 8 to 16 characters, and no blank at either end. It may be left out.",
		Why: "It is set on the account when its mail user becomes a mailbox. The row fails if the service does not take it, or if the " +
			"policy of the tenant does not.",
		URL: urlCSV,
		Sources: []string{
			docsExchange + "csv-files-for-migration.md, line 73; perform-a-staged-migration.md, line 156",
			observed,
		},
		Doubt: "The documentation has the minimum of 8; servers were observed to take 6 to 16. What else the policy of the tenant asks is " +
			"not checked.",
		Severity: Blocker,
		Scope:    ScopeFile,
		Remedy:   "Choose another password, or leave the cell empty.",
		File: func(p *Pass, f *BatchFile) {
			for r := range f.rows() {
				if r.password == nil {
					continue
				}
				password := r.password.Value()
				first, _ := utf8.DecodeRuneInString(password)
				last, _ := utf8.DecodeLastRuneInString(password)
				switch n := len(utf16.Encode([]rune(password))); {
				case n == 0:
				case n < least:
					p.Report(r.at(f, r.password, "The password has %s, fewer than %d.", counted(n, "character"), least))
				case n > most:
					p.Report(r.at(f, r.password, "The password has %s, more than %d.", counted(n, "character"), most))
				case unicode.IsSpace(first) || unicode.IsSpace(last):
					p.Report(r.at(f, r.password, "The password begins or ends with white space."))
				}
			}
		},
	}
}

// truthValue reads a cell of ForceChangePassword as the service does, with
// Boolean.TryParse of .NET: True and False in any case, with white space and NUL around
// them. An empty cell is Unknown and ok.
func truthValue(c *FileCell) (value inventory.Fact, ok bool) {
	if c == nil || c.Value() == "" {
		return inventory.Unknown, true
	}
	v := strings.TrimFunc(c.Value(), func(r rune) bool { return r == 0 || unicode.IsSpace(r) })
	switch {
	case strings.EqualFold(v, "True"):
		return inventory.Yes, true
	case strings.EqualFold(v, "False"):
		return inventory.No, true
	}
	return inventory.Unknown, false
}

func csvForceChangeValue() *Rule {
	return &Rule{
		Name: "csv-force-change-value",
		Doc:  "ForceChangePassword is True, False or empty, in any case. An empty cell takes the value of the batch.",
		Why:  "The service reports the row as invalid and takes the value for False.",
		URL:  urlCSV,
		Sources: []string{
			docsExchange + "csv-files-for-migration.md, lines 74 and 95",
			observed,
		},
		Doubt:    "That another value counts as False was observed and is not documented.",
		Severity: Blocker,
		Scope:    ScopeFile,
		Remedy:   "Write True or False, in English, or leave the cell empty.",
		File: func(p *Pass, f *BatchFile) {
			for r := range f.rows() {
				if _, ok := truthValue(r.force); ok {
					continue
				}
				// What is in the cell may be a password, in the wrong column.
				what := "What is in ForceChangePassword"
				if r.force.Text != "" {
					what = "ForceChangePassword is " + r.force.Text + ", which"
				}
				p.Report(r.at(f, r.force, "%s is neither True nor False.", what))
			}
		},
	}
}

func csvForceChangeFederated() *Rule {
	return &Rule{
		Name: "csv-force-change-federated",
		Doc:  "ForceChangePassword is False for a user whose domain is federated, as with AD FS.",
		Why: "The tenant may not change the password of a federated account. The row fails: \"A Windows Live error occurred while " +
			"provisioning\", with the code 0x800482101033.",
		URL: urlFederated,
		Sources: []string{
			"support article 2845956",
			docsExchange + "csv-files-for-migration.md, line 74; perform-a-staged-migration.md, line 157",
			"jabsto.com, Microsoft Office 365, page 598, to the contrary",
		},
		Doubt: "A book on Office 365 (jabsto.com, topic 75, page 598) says that the value is ignored. Whether an empty cell is safe is " +
			"not documented.",
		Severity: Blocker,
		Scope:    ScopeFile,
		Remedy:   "Write False in the column ForceChangePassword of every row whose domain is federated.",
		File: func(p *Pass, f *BatchFile) {
			federated := p.Organization().FederatedDomains
			blank, firstBlank, unknown := 0, 0, 0
			for r := range f.rows() {
				value, ok := truthValue(r.force)
				switch {
				case value == inventory.No || !ok || r.address == "":
				case federated == nil:
					unknown++
				case !slices.ContainsFunc(federated, func(d string) bool { return strings.EqualFold(d, r.address.Domain()) }):
				case value == inventory.Yes:
					p.Report(r.at(f, r.force, "ForceChangePassword is True, and the domain %s is federated.", r.address.Domain()))
				default:
					if blank++; blank == 1 {
						firstBlank = r.line
					}
				}
			}
			if blank > 0 {
				finding := f.at(ScopeFile, firstBlank, 0, "ForceChangePassword is not given in %s of federated domains; no source says that this is safe.",
					counted(blank, "row"))
				finding.Severity = Warning
				p.Report(finding)
			}
			if unknown > 0 {
				finding := f.at(ScopeFile, 0, 0, "ForceChangePassword is not False in %s, and whether their domains are federated is not known; "+
					"give federatedDomains.", counted(unknown, "row"))
				finding.Severity, finding.Unverified = Task, true
				p.Report(finding)
			}
		},
	}
}
