package rules

import "github.com/staged-migration/staged/rules/powershell"

// showCommand is a command that shows properties of what a cmdlet gives, as a list. Those of
// one script are all lists: PowerShell cannot print other objects before one in the
// same run.
func showCommand(shell powershell.Shell, cmdlet string, parameters []powershell.Parameter, properties ...string) powershell.Command {
	return powershell.Command{Shell: shell, Cmdlet: cmdlet, Parameters: parameters, Into: formatList(properties...)}
}

func formatList(properties ...string) *powershell.Command {
	return &powershell.Command{Cmdlet: "Format-List", Parameters: []powershell.Parameter{powershell.Texts("Property", properties...)}}
}
