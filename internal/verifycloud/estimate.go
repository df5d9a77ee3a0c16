// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"fmt"
	"net/url"
	"strings"
)

// What a life costs at most, in US dollars at the list prices of the costs guide.
const (
	lifeCost    = 0.05 // a tenth of a cent for calls and reloads; the rest is the function's metrics, billed by the hour
	lifeMinutes = 25   // most of it is the rotation's waiting, and Qlik Cloud's queue
	lifeReloads = 9    // three runs of three apps
)

// estimate says what the life will do, take and cost.
func estimate(p *place) string {
	if p.local() {
		return fmt.Sprintf("This plays the life of a chain in %s. It costs nothing and takes two minutes.", p.kind)
	}
	host := p.qlik.TenantURL
	if u, err := url.Parse(host); err == nil {
		host = u.Hostname()
	}
	lines := []string{
		"This plays the life of a task chain in your own account and tenant:",
		fmt.Sprintf("  AWS      account %s, region %s", p.account, p.region),
		fmt.Sprintf("  tenant   %s", host),
		"  makes    one chain (some 20 objects in AWS, one webhook) and three apps with ten rows each, all with names that begin with " +
			"qlik-task-chain-" + namePrefix,
		"           or qlik-task-timer-" + namePrefix + ", and removes them all, also when you interrupt it",
		fmt.Sprintf("  reloads  %d; a third fails on purpose; they count in your tenant's record and quota", lifeReloads),
		fmt.Sprintf("  takes    some %d minutes; longer when reloads wait in the tenant's queue", lifeMinutes),
		fmt.Sprintf("  costs    less than $%.2f in AWS", lifeCost),
		"  keeps    a page with the shapes of the answers: names of fields and types, no values",
	}
	if !p.admin {
		lines = append(lines, "  note     the Qlik Cloud user does not say to be a TenantAdmin, which a webhook of the level tenant needs: "+
			"if the create fails, pass -webhook-level user")
	}
	return strings.Join(lines, "\n")
}
