package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// How many objects directory synchronization takes. Source: the prerequisites of Azure
// AD Connect.
const (
	objectsUnverified = 50_000  // in a tenant without a verified domain
	objectsVerified   = 300_000 // once there is one
	objectsSQLExpress = 100_000 // with SQL Server Express
)

func aadConnectPrerequisites(params Params) *Rule {
	return &Rule{
		Name: "aad-connect-prerequisites",
		Doc: "Azure AD Connect needs a forest functional level of Windows Server 2003 or later, a domain controller that can be " +
			"written to, and a NetBIOS domain name without dots. It takes 100,000 objects with SQL Server Express, and a tenant " +
			"takes 50,000, or 300,000 once a domain is verified.",
		Why: "Synchronization cannot be installed, or it stops at the quota, and without it there is no staged migration. A forest " +
			"from the days of Exchange 2003 may still be at the level of Windows 2000.",
		URL: urlAADConnect,
		Sources: []string{
			docsAzure + "how-to-connect-install-prerequisites.md, edition of September 2018",
		},
		Doubt: "That the level Windows Server 2003 interim is too low is an inference from its place in the order of levels. That a " +
			"domain of onmicrosoft.com does not count as the first verified domain is an inference from a tenant's having one from the start.",
		Severity: Blocker,
		Remedy: "Raise the forest functional level, let synchronization reach a writable domain controller, run IdFix before the first " +
			"synchronization, use a full SQL Server for more than 100,000 objects, and ask support to raise the quota of the tenant.",
		Organization: func(p *Pass) {
			org := p.Organization()
			var missing []string
			switch below, known := belowForest2003(org.ForestFunctionalLevel); {
			case below:
				p.Reportf("The forest functional level is %s, which is below that of Windows Server 2003.", org.ForestFunctionalLevel)
			case org.ForestFunctionalLevel == "":
				missing = append(missing, "forestFunctionalLevel")
			case !known:
				missing = append(missing, fmt.Sprintf("forestFunctionalLevel as Windows names it, such as \"Windows2003Forest\", not %q", org.ForestFunctionalLevel))
			}
			switch org.WritableDomainController {
			case inventory.No:
				p.Reportf("Synchronization reaches read-only domain controllers only.")
			case inventory.Unknown:
				missing = append(missing, "writableDomainController")
			}
			switch name := org.NetBIOSDomainName; {
			case name == "":
				missing = append(missing, "netBIOSDomainName")
			case strings.Contains(name, "."):
				p.Reportf("The NetBIOS domain name, %q, has a dot in it.", name)
			}
			if missing = append(missing, checkObjects(p, params.ObjectQuota)...); len(missing) > 0 {
				p.findOut("Whether Azure AD Connect can be installed and takes all objects is not known; give " + strings.Join(missing, ", ") + ".")
			}
		},
	}
}

var (
	forestYear   = regexp.MustCompile(`20\d\d`)
	forestNumber = regexp.MustCompile(`^\d{1,2}$`) // msDS-Behavior-Version: 1 is 2003 interim, 2 is 2003
)

// belowForest2003 reports whether a forest functional level is below that of Windows
// Server 2003, and whether it is known at all.
func belowForest2003(level string) (below, known bool) {
	level = strings.ToLower(strings.TrimSpace(level))
	if forestNumber.MatchString(level) {
		n, _ := strconv.Atoi(level)
		return n < 2, true
	}
	year := forestYear.FindString(level)
	return year != "" && year < "2003" || strings.Contains(level, "interim"), year != ""
}

// checkObjects compares the number of objects with what they are limited to, and
// returns the facts that are missing for it. A quota of 0 is the published one.
func checkObjects(p *Pass, quota int) (missing []string) {
	org := p.Organization()
	n, ok := org.DirectoryObjects.Get()
	if !ok {
		return []string{"directoryObjects"}
	}
	if n > objectsSQLExpress {
		switch org.SQLExpress {
		case inventory.Yes:
			p.Reportf("There are %d objects to synchronize; SQL Server Express holds %d.", n, objectsSQLExpress)
		case inventory.Unknown:
			missing = append(missing, "sqlExpress")
		}
	}
	own := func(domain string) bool {
		return !strings.HasSuffix(strings.ToLower(strings.TrimSpace(domain)), ".onmicrosoft.com")
	}
	switch {
	case quota > 0:
	case org.VerifiedDomains == nil && n > objectsUnverified && n <= objectsVerified:
		return append(missing, "verifiedDomains")
	case org.VerifiedDomains == nil || slices.ContainsFunc(org.VerifiedDomains, own):
		quota = objectsVerified
	default:
		quota = objectsUnverified
	}
	if n > quota {
		p.Reportf("There are %d objects to synchronize; the tenant takes %d.", n, quota)
	}
	return missing
}

var (
	// The plans of the family for professionals and small businesses, P in short.
	smallPlan = regexp.MustCompile(`(?i)professional|small business|^((microsoft|office) 365 )?(plan )?p[12]?$`)
	// Those for enterprises, schools, governments, frontline workers, and Exchange Online
	// by itself.
	enterprisePlan = regexp.MustCompile(`(?i)enterprise|education|government|kiosk|exchange online|\b[aefgk][1-5]\b`)
)

func planLacksStaged() *Rule {
	return &Rule{
		Name: "plan-lacks-staged",
		Doc: "A staged migration needs a subscription with directory synchronization. The plans for enterprises have it; those for " +
			"professionals and small businesses had none.",
		Why: "Without directory synchronization there are no mail users that the service could turn into mailboxes.",
		URL: urlAdminCenter,
		Sources: []string{
			docsSupport + "migrate-data-with-admin-center.md",
			"TechNet ff959224, on staged migrations, 2012",
		},
		Doubt: "The sources are of 2012 and name a family of plans that is no longer sold. Whether one of today's plans for business, " +
			"which are no enterprise plans, would do is not said; for those the rule asks.",
		Severity: Blocker,
		Remedy:   "Change to an enterprise plan, or use a cutover migration.",
		Organization: func(p *Pass) {
			switch plan := strings.Join(strings.Fields(p.Organization().Subscription), " "); {
			case plan == "":
				p.findOut("Which subscription the tenant has is not known; give subscription, such as \"Office 365 E3\".")
			case smallPlan.MatchString(plan):
				p.Reportf("The subscription, %q, is for professionals and small businesses, which has no directory synchronization.", plan)
			case !enterprisePlan.MatchString(plan):
				p.findOut(fmt.Sprintf("Whether the subscription, %q, has directory synchronization is not known to this rule; see its description.", plan))
			}
		},
	}
}
