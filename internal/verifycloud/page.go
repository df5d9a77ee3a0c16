// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/shape"
)

const issues = "https://github.com/qlik-task-chain/terraform-provider-qlik/issues/new"

// page builds the page.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// pageOf is the one page about a life: what ran where, what passed, and how the answers differ from the sandbox's. It holds no value of
// an answer.
func pageOf(l *life, record, rehearsal shape.Set, cleanErr error, start time.Time) string {
	r := l.redactor()
	p := new(page)
	p.line("# The life of a chain in %s", l.place.kind)
	p.line("")
	p.line("Made by `make verify-cloud`. Read it, then attach it to an issue: <%s>.", issues)
	p.line("It has names of services, operations, fields, types and error codes. Account, tenant, names, ids, keys and texts are left out.")
	p.line("")
	p.line("| | |")
	p.line("|---|---|")
	for _, row := range [][2]string{
		{"date", start.UTC().Format(time.DateOnly)},
		{"provider", l.options.Version},
		{"terraform", l.terraformVersion},
		{"built with", runtime.Version() + ", on " + runtime.GOOS + "/" + runtime.GOARCH},
		{"AWS", fmt.Sprintf("region %s, partition %s", l.place.region, l.place.partition)},
		{"function", l.options.Architecture},
		{"webhook", fmt.Sprintf("level %s, by %s", l.options.WebhookLevel, webhookAPI(record))},
		{"Qlik Cloud credentials", credentialsKind(l.place)},
	} {
		p.line("| %s | %s |", row[0], row[1])
	}
	p.phases(l, r, cleanErr)
	p.differences(record, rehearsal)
	p.refusals(record)
	return p.String()
}

func webhookAPI(record shape.Set) string {
	for _, path := range []string{"/api/core/webhooks", "/api/v1/webhooks"} {
		if record.Answered("POST "+path, http.StatusCreated) {
			return path
		}
	}
	return "neither API: none was made"
}

func credentialsKind(p *place) string {
	kind := "OAuth client"
	if p.qlik.Credentials.APIKey != "" {
		kind = "API key"
	}
	if p.admin {
		return kind + " of a TenantAdmin"
	}
	return kind
}

func (p *page) phases(l *life, r *redactor, cleanErr error) {
	p.line("")
	p.line("## Phases")
	p.line("")
	p.line("| phase | | seconds |")
	p.line("|---|---|---|")
	for _, result := range l.results {
		p.line("| %s | %s | %.0f |", result.Phase, result.Outcome, result.Took.Seconds())
	}
	end := passed
	if cleanErr != nil {
		end = failed
	}
	p.line("| clean up | %s | |", end)
	var why []string
	for _, result := range l.results {
		if result.Why != "" {
			why = append(why, fmt.Sprintf("- **%s**, %s: %s", result.Phase, result.Outcome, r.text(result.Why)))
		}
	}
	if cleanErr != nil {
		why = append(why, "- **clean up**: "+r.text(cleanErr.Error()))
	}
	if len(why) > 0 {
		p.line("")
		p.line("Errors, with values replaced:")
		p.line("")
		p.line("%s", strings.Join(why, "\n"))
	}
}

// meaning says what a kind of difference means for the sandbox.
var meaning = map[shape.Kind]string{
	shape.OtherAnswer:       "The sandbox never gave this answer to this call.",
	shape.OtherType:         "A field has another type than in the sandbox.",
	shape.OtherMedia:        "The body has another media type.",
	shape.MissingInReality:  "The sandbox sends a field that reality does not have.",
	shape.MissingInSandbox:  "Reality sends a field that the sandbox does not have.",
	shape.HeaderReality:     "The sandbox sends a header that reality does not have.",
	shape.HeaderSandbox:     "Reality sends a header that the sandbox does not have.",
	shape.OnlySandboxAnswer: "This may depend on what happened meanwhile.",
	shape.OnlyReality:       "The life took another course.",
	shape.OnlySandbox:       "The life took another course, or ended early.",
}

func (p *page) differences(record, rehearsal shape.Set) {
	p.line("")
	p.line("## How the answers differ from the sandbox's")
	p.line("")
	if rehearsal == nil {
		p.line("They were not compared: the life in the sandbox was left out.")
		return
	}
	differences := shape.Compare(record, rehearsal)
	if len(differences) == 0 {
		p.line("They do not differ.")
		return
	}
	p.line("%d differences.", len(differences))
	for _, kind := range shape.Kinds {
		var rows []string
		for _, group := range byAnswer(differences, kind) {
			rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s |", group.service, group.operation, group.answer, strings.Join(group.what, "<br>")))
		}
		if len(rows) == 0 {
			continue
		}
		p.line("")
		p.line("### %s", strings.ToUpper(string(kind[:1]))+string(kind[1:]))
		p.line("")
		p.line("%s", meaning[kind])
		p.line("")
		p.line("| service | operation | answer | what |")
		p.line("|---|---|---|---|")
		p.line("%s", strings.Join(rows, "\n"))
	}
}

// group is the differences of a kind in one answer.
type group struct {
	service, operation, answer string
	what                       []string
}

func byAnswer(differences []shape.Difference, kind shape.Kind) []group {
	var all []group
	for _, d := range differences {
		if d.Kind != kind {
			continue
		}
		if last := len(all) - 1; last >= 0 && all[last].service == d.Service && all[last].operation == d.Operation &&
			all[last].answer == d.Answer {
			all[last].what = append(all[last].what, code(d.What))
			continue
		}
		all = append(all, group{d.Service, d.Operation, d.Answer, []string{code(d.What)}})
	}
	return all
}

// code writes a text so that a table takes it as it is.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", "\\|") + "`"
}

// refusals lists the answers that were none of success: they are part of a life that passes too.
func (p *page) refusals(record shape.Set) {
	counts := record.Operations()
	p.line("")
	p.line("## What was called")
	p.line("")
	p.line("| service | operations | answers without success |")
	p.line("|---|---|---|")
	refusals := map[string][]string{}
	for _, refusal := range record.Refusals() {
		answer := strings.TrimSpace(fmt.Sprintf("%s %d %s", refusal.Operation, refusal.Status, refusal.Code))
		if refusal.Status == 0 {
			answer = refusal.Operation + " no answer"
		}
		refusals[refusal.Service] = append(refusals[refusal.Service], answer)
	}
	for _, service := range slices.Sorted(maps.Keys(counts)) {
		p.line("| %s | %d | %s |", service, counts[service], cmp.Or(strings.Join(refusals[service], "<br>"), "none"))
	}
}
