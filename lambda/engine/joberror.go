// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Limits of what the table keeps of a failure, so that its items stay small.
const (
	maxErrorCode    = 100  // bytes, likewise the next ones
	maxErrorMessage = 1000 // of a message
	maxLogLine      = 300
	maxLog          = 16 << 10 // of all lines
	readLog         = 64 << 10 // of the log's end, which is read for them
)

// askWithin limits the time in which Qlik Cloud is asked why jobs have failed. The starts that follow have been requested before.
const askWithin = 3 * time.Second

// timeToAsk reports whether there is time to ask why jobs have failed, and to send a notice after that.
func timeToAsk(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) >= askWithin+sendWithin+shortestClaim
}

// Logs reads the logs of jobs. Only those of apps have any.
type Logs interface {
	// LogTail returns the last bytes of a job's log, at most so many.
	LogTail(ctx context.Context, t chain.Target, id string, most int) ([]byte, error)
}

func (r reloads) LogTail(ctx context.Context, t chain.Target, id string, most int) ([]byte, error) {
	return r.client.ReloadLogTail(ctx, t.ID, id, most)
}

// lookUpErrors asks Qlik Cloud why the last attempts of steps have failed if their events do not say it, and for their logs if the chain's
// configuration wants them. It writes the answer once. What cannot be found out stays unknown: nothing depends on it.
func (w *work) lookUpErrors(ctx context.Context, c *cycle, attempts []startRef, r *report) {
	var failed []startRef
	for _, ref := range attempts {
		facts, end := c.facts(ref), c.ends[ref]
		if facts == nil || facts.Result == nil || facts.Result.Attempt != ref.Attempt || end.Outcome != chain.OutcomeFailure {
			continue
		}
		if end.Error != nil {
			w.errors.LoadOrStore(ref, end.Error)
		}
		if end.Status != "" && w.asks(ref, end) {
			failed = append(failed, ref)
		}
	}
	if !timeToAsk(ctx) {
		return
	}
	until := time.Now().Add(askWithin)
	_, err := parallel(len(failed), func(i int) (bool, error) { return true, w.lookUpError(ctx, until, c, failed[i]) })
	if err != nil {
		r.notExplained(err)
	}
}

// asks reports whether Qlik Cloud must be asked about an attempt that has failed.
func (w *work) asks(ref startRef, end endDoc) bool {
	return end.Error == nil || w.logLines(ref.Step) > 0
}

// logLines returns how many lines of a step's log the chain's configuration wants.
func (w *work) logLines(step string) int {
	wanted := w.Index.Definition().FailureLog
	if s, known := w.stepOf(step); wanted == nil || !known || s.Kind() != chain.KindApp {
		return 0
	}
	return wanted.Lines
}

// lookUpError looks one up. Qlik Cloud has until then to answer. What it has answered is kept also after that.
func (w *work) lookUpError(ctx context.Context, until time.Time, c *cycle, ref startRef) error {
	known, err := load[chain.JobError](ctx, w.Store, errorKey(ref))
	if err != nil || known.version > 0 {
		if err == nil {
			w.errors.Store(ref, &known.doc)
		}
		return err
	}
	start, err := load[Start](ctx, w.Store, ref.key())
	if err != nil {
		return err
	}
	id := c.ends[ref].Reload
	if strings.HasPrefix(id, eventPrefix) { // the engine's event does not name the reload
		id = start.doc.Reload
	}
	if s := &start.doc; s.Target.Kind == chain.KindSignal || id == "" || strings.HasPrefix(id, eventPrefix) {
		return nil // Qlik Cloud knows nothing of it
	}
	if _, again := w.askedWhy.LoadOrStore(ref, true); again {
		return nil
	}
	found, asked := w.askWhy(ctx, until, c, &start.doc, id)
	if found == nil {
		return asked
	}
	if err := write(ctx, w.Store, Write{Key: errorKey(ref), Doc: found, Always: true, Expires: w.kept()}); err != nil {
		return err
	}
	w.errors.Store(ref, found)
	return asked
}

// askWhy asks Qlik Cloud why a job has failed. It returns nil if that does not add to what is known.
func (w *work) askWhy(ctx context.Context, until time.Time, c *cycle, s *Start, id string) (*chain.JobError, error) {
	inTime, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	jobs, hidden := w.jobs(s.Target.Kind), w.variablesOf(c, s.ref())
	found := c.ends[s.ref()].Error
	if found == nil {
		job, err := jobs.Get(inTime, s.Target, id, Before{Last: s.Before})
		if err != nil {
			return nil, fmt.Errorf("the record does not say why %s failed, because Qlik Cloud could not be asked: %w", s.Name, err)
		}
		if job != nil {
			found = cleaned(job.Error, hidden)
		}
	}
	logs, has := jobs.(Logs)
	lines := w.logLines(s.Step)
	if !has || lines == 0 {
		return found, nil
	}
	text, err := logs.LogTail(inTime, s.Target, id, readLog)
	if err != nil {
		return found, fmt.Errorf("the record lacks the log of %s, which could not be read: %w", s.Name, err)
	}
	with := chain.JobError{}
	if found != nil {
		with = *found
	}
	with.Log = lastLines(string(text), lines, hidden)
	return &with, nil
}

// errorOf returns why an attempt has failed; nil if that is not known.
func (w *work) errorOf(ctx context.Context, c *cycle, ref startRef) *chain.JobError {
	end := c.ends[ref]
	if known, ok := w.errors.Load(ref); ok {
		return known.(*chain.JobError) //nolint:forcetypeassert // nothing else is stored
	}
	if end.Outcome != chain.OutcomeFailure || end.Status == "" || !w.asks(ref, end) {
		return end.Error
	}
	found, err := load[chain.JobError](ctx, w.Store, errorKey(ref))
	if err != nil || found.version == 0 {
		return end.Error
	}
	w.errors.Store(ref, &found.doc)
	return &found.doc
}

// variablesOf returns the values that the variables of an attempt may have, the longest first: no text of a failure may show them.
func (w *work) variablesOf(c *cycle, ref startRef) []string {
	step, _ := w.stepOf(ref.Step)
	doc := c.runs[ref.Run]
	variables := step.VariablesIn(chain.RunValues{ID: ref.Run, Cycle: doc.Date, Origin: doc.Origin}, doc.Values)
	var values []string
	for _, all := range []map[string]string{step.Variables, doc.Values, variables} {
		for _, value := range all {
			if value = strings.TrimSpace(value); value != "" {
				values = append(values, value)
			}
			for line := range strings.Lines(value) { // a log has them one by one
				if line = strings.TrimSpace(line); utf8.RuneCountInString(line) > shortValue {
					values = append(values, line)
				}
			}
		}
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(values)
}

// hide replaces the values of variables in a text. A short one may be a part of any word, so it counts only as a whole one.
func hide(text string, values []string) string {
	for _, value := range values {
		if utf8.RuneCountInString(value) > shortValue {
			text = strings.ReplaceAll(text, value, hiddenValue)
			continue
		}
		word := regexp.MustCompile(`(^|[^\pL\pN])` + regexp.QuoteMeta(value) + `($|[^\pL\pN])`)
		for again := 0; again < 2; again++ { // neighbors share the character between them
			text = word.ReplaceAllString(text, "${1}"+hiddenValue+"${2}")
		}
	}
	return text
}

const (
	shortValue  = 3 // characters
	hiddenValue = "***"
)

// cleaned returns an error of Qlik Cloud as the table keeps it; nil if it says nothing.
func cleaned(e *chain.JobError, hidden []string) *chain.JobError {
	if e == nil {
		return nil
	}
	one := func(text string, most int) string {
		return cut(strings.Join(strings.Fields(printable(hide(text, hidden))), " "), most)
	}
	c := chain.JobError{Code: one(e.Code, maxErrorCode), Message: one(e.Message, maxErrorMessage)}
	if c.Code == "" && c.Message == "" {
		return nil
	}
	return &c
}

// lastLines returns the last lines of a log that are not empty, at most so many.
func lastLines(text string, most int, hidden []string) []string {
	all := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(text) >= readLog && len(all) > 1 {
		all = all[1:] // the first one is the end of a line
	}
	lines := []string{}
	size := 0
	for _, line := range slices.Backward(all) {
		line = cut(strings.TrimRight(printable(hide(line, hidden)), " "), maxLogLine)
		if size += len(line); size > maxLog || len(lines) == most {
			break
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	slices.Reverse(lines)
	return lines
}

// printable replaces what is neither a printable character nor a space, for example escape sequences of terminals, by a space.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
}

// cut shortens a text to a number of bytes, between two characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	text = text[:most-len("…")]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + "…"
}
