// SPDX-License-Identifier: MPL-2.0

// Package notice writes the notices that an operator gets when a step has failed, or is late: what happened, where, and where to look.
package notice

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// Place is where a chain is deployed, for the links.
type Place struct {
	Chain     string
	TenantURL string
	InvokeURL string // of the chain's API; empty if it is not known
	Region    string
	LogGroup  string         // empty if it is not known
	Zone      *time.Location // of the times in texts; nil for UTC
}

// Message is a notice for every kind of subscriber of a topic.
type Message struct {
	Subject string // of an e-mail: less than 100 characters, of ASCII
	Text    string // for e-mail
	Short   string // for text messages
	JSON    string // for programs and chats
}

// maxSubject is the maximum length of a subject in characters: SNS accepts fewer than 100.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const maxSubject = 99

// Compose writes the message of a notice.
func Compose(n engine.Notice, p Place) (Message, error) {
	links := p.links(n)
	summary := p.summary(n)
	short := fmt.Sprintf("Task chain %s: %s", p.Chain, summary)
	m := Message{Subject: subject(short), Short: short, Text: p.text(n, short, links)}
	var err error
	m.JSON, err = p.json(n, short, links)
	return m, err
}

// summary returns the notice as the rest of a sentence about the chain.
func (p Place) summary(n engine.Notice) string {
	switch n.Kind {
	case engine.NoticeFailed:
		if len(n.Failed) == 0 {
			return fmt.Sprintf("the run of %s failed", n.Origin)
		}
		return failed(n) + " failed"
	case engine.NoticeRecovered:
		return fmt.Sprintf("the run of %s recovered from a failure", n.Origin)
	case engine.NoticeSucceeded:
		return fmt.Sprintf("the run of %s succeeded", n.Origin)
	case engine.NoticeParked:
		return stepOf(n) + " came due too often and is parked"
	case engine.NoticeOverran:
		return stepOf(n) + " takes longer than its max_duration"
	case engine.NoticeSummary:
		return p.day(n)
	case engine.NoticeLate:
		return fmt.Sprintf("not done by %s", p.clock(n.At))
	default:
		return string(n.Kind)
	}
}

// day returns the runs of a summary in words.
func (p Place) day(n engine.Notice) string {
	s := n.Summary
	if s == nil {
		return "the day is over"
	}
	parts := []string{counted(s.Succeeded+s.Recovered, "run") + " done", fmt.Sprintf("%d failed", s.Failed)}
	for _, other := range []struct {
		n    int
		text string
	}{{s.Repaired, "repaired"}, {s.Recovered, "recovered"}, {s.Canceled, "canceled"}, {s.UnderWay, "under way"}} {
		if other.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", other.n, other.text))
		}
	}
	late := 0
	for _, u := range n.Steps {
		if u.Run == "" {
			late++
		}
	}
	if late > 0 {
		parts = append(parts, counted(late, "step")+" late")
	}
	return strings.Join(parts, ", ") + " since " + p.clock(s.Since)
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// failed names a few of the steps that failed, and counts the others.
func failed(n engine.Notice) string {
	names := make([]string, 0, len(n.Failed))
	for _, f := range n.Failed {
		names = append(names, f.Step)
	}
	all := len(names)
	if n.Counts != nil {
		all = max(all, n.Counts.Failed) // the notice does not name them all
	}
	return chain.ListedFew(names, all)
}

// stepOf names the step, or else the run, that a notice is about.
func stepOf(n engine.Notice) string {
	if len(n.Steps) > 0 && n.Steps[0].Step != "" {
		return n.Steps[0].Step
	}
	return "the run " + n.Run
}

func (p Place) clock(t time.Time) string { return t.In(p.zone()).Format("15:04 MST on 2006-01-02") }

func (p Place) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// subject formats a text as the subject of an e-mail, for which SNS accepts ASCII without line breaks.
func subject(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f:
			return ' '
		case r > 0x7f:
			return '?'
		default:
			return r
		}
	}, text)
	return text[:min(len(text), maxSubject)]
}

// text returns the message of an e-mail.
func (p Place) text(n engine.Notice, short string, links []link) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\n", short)
	for _, fact := range p.facts(n) {
		fmt.Fprintf(&b, "%s: %s\n", fact.name, fact.value)
	}
	for _, line := range p.lines(n, true) {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	b.WriteString("\n")
	for _, l := range links {
		fmt.Fprintf(&b, "%s:\n%s\n", l.name, l.url)
	}
	return b.String()
}

// lines returns a sentence for each of a notice's steps, and the logs if they are wanted.
func (p Place) lines(n engine.Notice, logs bool) []string {
	var all []string
	for _, f := range n.Failed {
		text := f.Step + " failed"
		if f.Of > 1 {
			text += fmt.Sprintf(" in attempt %d of %d", f.Attempt, f.Of)
		}
		switch {
		case f.Ended != "":
			text += ": it " + f.Ended
		case f.Reason != "":
			text = f.Step + " could not be started: " + f.Reason
		case f.Error != nil:
			text += ": " + f.Error.Words()
		case f.Reload != "":
			text += fmt.Sprintf(": its %s %s ended with %s", run(f), f.Reload, f.Status)
		}
		all = append(all, text+blocks(f))
		if logs && f.Error != nil && len(f.Error.Log) > 0 {
			all = append(all, "The end of its log:\n    "+strings.Join(f.Error.Log, "\n    "))
		}
	}
	for _, u := range n.Steps {
		text := strings.TrimSpace(u.Step + " " + u.Reason)
		if strings.HasSuffix(u.Reason, engine.WaitsForSignal) {
			text += " (" + chain.SignalCommand(p.Chain, u.Step) + " reports it)"
		}
		if before, here := strings.CutSuffix(text, " in this run"); here && u.Run != "" {
			text = before + " in the run " + u.Run
		} else if u.Run != "" {
			text += ", in the run " + u.Run
		}
		all = append(all, text)
	}
	if n.More > 0 {
		all = append(all, fmt.Sprintf("%d more", n.More))
	}
	return all
}

// run returns what a step starts, in a word. Only a step that reloads an app has one.
func run(f engine.FailedStep) string {
	if f.App == "" {
		return "run"
	}
	return "reload"
}

// blocks counts the steps that do not start because of a failure, and names some of them.
func blocks(f engine.FailedStep) string {
	text := ""
	switch f.Blocked {
	case 0:
		return ""
	case 1:
		text = "; 1 step is blocked"
	default:
		text = fmt.Sprintf("; %d steps are blocked", f.Blocked)
	}
	if len(f.Blocks) > 0 {
		text += ": " + chain.ListedFew(f.Blocks, f.Blocked)
	}
	return text
}

// fact is a named value of a notice.
type fact struct{ name, value string }

func (p Place) facts(n engine.Notice) []fact {
	all := []fact{{"Chain", p.Chain}, {"Tenant", p.TenantURL}, {"Run", n.Run}, {"Begun at", n.Origin}}
	if c := n.Counts; c != nil {
		all = append(all, fact{"Steps", fmt.Sprintf("%d succeeded, %d failed, %d blocked, %d expired, of %d",
			c.Succeeded, c.Failed, c.Blocked, c.Expired, c.Steps)})
	}
	if n.Seconds > 0 {
		all = append(all, fact{"Took", chain.FormatDuration(time.Duration(n.Seconds) * time.Second)})
	}
	all = append(all, fact{"Time", p.clock(n.At)})
	known := all[:0]
	for _, f := range all {
		if f.value != "" {
			known = append(known, f)
		}
	}
	return known
}

// linked is how many failed steps a message links to.
const linked = 5

// link is a link to further information.
type link struct{ name, url string }

func (p Place) links(n engine.Notice) []link {
	var all []link
	add := func(name string, known bool, url string) {
		if known {
			all = append(all, link{name, url})
		}
	}
	run := n.Run
	for _, u := range n.Steps {
		if run == "" {
			run = u.Run
		}
	}
	page := p.InvokeURL + "/page"
	if run != "" {
		page += "?run=" + url.QueryEscape(run)
	}
	add("The run, drawn", p.InvokeURL != "", page)
	add("The run's record, for callers with the API key", p.InvokeURL != "" && run != "", p.InvokeURL+"/runs/"+url.PathEscape(run))
	for _, f := range n.Failed[:min(len(n.Failed), linked)] {
		reloaded := f.Reload != "" && f.App != "" // not another kind's run
		add("The reload of "+f.Step+" and its log, as JSON", reloaded, p.TenantURL+"/api/v1/reloads/"+url.PathEscape(f.Reload))
		add("The app of "+f.Step, f.App != "", p.TenantURL+"/sense/app/"+url.PathEscape(f.App))
	}
	add("The function's log", p.LogGroup != "", p.logURL(run))
	add("What to do", true, chain.MonitoringGuide)
	return all
}

// logURL returns the console's URL for the log group's lines that contain a text. The console escapes what is behind the # twice, and then
// % as $.
func (p Place) logURL(text string) string {
	host := p.Region + ".console.aws.amazon.com"
	switch {
	case strings.HasPrefix(p.Region, "cn-"):
		host = p.Region + ".console.amazonaws.cn"
	case strings.HasPrefix(p.Region, "us-gov-"):
		host = "console.amazonaws-us-gov.com"
	}
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(url.QueryEscape(text)), "%", "$") }
	address := fmt.Sprintf("https://%s/cloudwatch/home?region=%s#logsV2:log-groups/log-group/%s", host, p.Region, escape(p.LogGroup))
	if text != "" {
		address += "/log-events$3FfilterPattern$3D" + escape(`"`+text+`"`)
	}
	return address
}

// chatMessage is the format that Amazon Q Developer shows in a chat of Slack or Teams. For programs, Notice holds the data of the notice.
// Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
type chatMessage struct {
	Version  string       `json:"version"`
	Source   string       `json:"source"`
	Content  chatContent  `json:"content"`
	Metadata chatMetadata `json:"metadata"`
}

type chatContent struct {
	TextType    string   `json:"textType"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	NextSteps   []string `json:"nextSteps"`
	Keywords    []string `json:"keywords"`
}

type chatMetadata struct {
	ThreadID string            `json:"threadId,omitempty"` // of the run: what happens in it is one conversation
	Summary  string            `json:"summary"`
	Type     string            `json:"eventType"`
	Context  map[string]string `json:"additionalContext"` // texts only; notice is the notice as JSON
}

// maxChatLines is how many steps a message in a chat has a line for.
const maxChatLines = 15

func (p Place) json(n engine.Notice, short string, links []link) (string, error) {
	notice, err := json.Marshal(n)
	if err != nil {
		return "", fmt.Errorf("writing the notice: %w", err)
	}
	m := chatMessage{
		Version: "1.0", Source: "custom",
		Content: chatContent{TextType: "client-markdown", Title: short, Keywords: []string{p.Chain}},
		Metadata: chatMetadata{
			ThreadID: n.Run, Summary: short, Type: string(n.Kind),
			Context: map[string]string{"chain": p.Chain, "tenant": p.TenantURL, "notice": string(notice)},
		},
	}
	for _, f := range n.Failed[:min(len(n.Failed), linked)] {
		m.Content.Keywords = append(m.Content.Keywords, f.Step)
	}
	var description []string
	for _, f := range p.facts(n) {
		description = append(description, f.name+": "+f.value)
	}
	all := p.lines(n, false)
	for _, line := range all[:min(len(all), maxChatLines)] {
		description = append(description, "- "+line)
	}
	if len(all) > maxChatLines {
		description = append(description, fmt.Sprintf("- %d more lines: see the run", len(all)-maxChatLines))
	}
	m.Content.Description = strings.Join(description, "\n")
	for _, l := range links {
		m.Content.NextSteps = append(m.Content.NextSteps, l.name+": "+l.url)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("writing the notice: %w", err)
	}
	return string(body), nil
}
