// SPDX-License-Identifier: MPL-2.0

package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	smithytime "github.com/aws/smithy-go/time"
	"github.com/spf13/cobra"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

func newLogs(a *app) *cobra.Command {
	var follow bool
	var since time.Duration
	cmd := &cobra.Command{
		Use: "logs NAME", Short: "Show the log of a chain's function", Args: cobra.ExactArgs(1), ValidArgsFunction: a.complete(chainNames),
		Long: "Shows the log of a chain's function, the oldest line first. With -f, it goes on until Ctrl-C. With -o json, it prints the\n" +
			"lines as they are.",
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := a.find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			t.findZone(cmd.Context())
			return a.showLogs(cmd.Context(), &logReader{
				client: t.clients.Logs, group: stack.LogGroupName(args[0]), from: time.Now().Add(-since), seen: map[string]time.Time{},
			}, follow)
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on until Ctrl-C")
	cmd.Flags().DurationVar(&since, "since", time.Hour, "how far to look back, for example 30m or 12h")
	return cmd
}

// zoneWithin limits how long the log waits for the chain's time zone: the log is what people read if the function does not work.
const zoneWithin = 5 * time.Second

// findZone asks the chain for its time zone. Without an answer, the times are in UTC.
func (t *target) findZone(ctx context.Context) {
	if t.app.utc || t.app.output == outputJSON { // the lines are printed as they are
		return
	}
	ctx, cancel := context.WithTimeout(ctx, zoneWithin)
	defer cancel()
	var page runsPage
	api, err := t.reader(ctx)
	if err == nil {
		err = api.Call(ctx, http.MethodGet, "/runs?limit=1", nil, &page)
	}
	if err != nil {
		fmt.Fprintln(t.app.err, "The chain does not answer with its time zone: the times are in UTC.")
		return
	}
	t.app.inZone(page.Timezone)
}

// followEvery is how often the log is asked for more.
const followEvery = 2 * time.Second

// showLogs prints the lines of a log group.
func (a *app) showLogs(ctx context.Context, r *logReader, follow bool) error {
	if a.output != outputJSON {
		fmt.Fprintf(a.err, "Times are in %s.\n", a.location())
	}
	for {
		err := r.read(ctx, func(line string) { a.showLine(line) })
		if err == nil && follow {
			err = smithytime.SleepWithContext(ctx, followEvery)
		} else if err == nil {
			return nil
		}
		switch missing := (*types.ResourceNotFoundException)(nil); {
		case follow && ctx.Err() != nil:
			return nil //nolint:nilerr // Ctrl-C is how to end it
		case errors.As(err, &missing):
			return fail(ExitNotFound, "the log group %s does not exist. Apply the chain's configuration, which creates it again", r.group)
		case err != nil:
			return fmt.Errorf("the log group %s cannot be read: %w", r.group, err)
		}
	}
}

// logReader reads a log group from a time on. CloudWatch Logs shows lines late and out of order, so each reading looks back by lateness.
type logReader struct {
	client *cloudwatchlogs.Client
	group  string
	from   time.Time
	seen   map[string]time.Time // the lines that were read, by id
}

// lateness is how long CloudWatch Logs may take to show a line.
const lateness = time.Minute

// read passes the lines that were not read before.
func (r *logReader) read(ctx context.Context, show func(string)) error {
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(r.client, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String(r.group), StartTime: aws.Int64(r.from.UnixMilli()),
	})
	newest := r.from
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, event := range page.Events {
			id, at := aws.ToString(event.EventId), time.UnixMilli(aws.ToInt64(event.Timestamp))
			if _, known := r.seen[id]; known {
				continue
			}
			show(strings.TrimRight(aws.ToString(event.Message), "\n"))
			r.seen[id] = at
			if at.After(newest) {
				newest = at
			}
		}
	}
	if back := newest.Add(-lateness); back.After(r.from) {
		r.from = back
		maps.DeleteFunc(r.seen, func(_ string, at time.Time) bool { return at.Before(back) })
	}
	return nil
}

// showLine prints a line of the log.
func (a *app) showLine(line string) {
	if a.output == outputJSON {
		fmt.Fprintln(a.out, line)
		return
	}
	var members map[string]json.RawMessage
	var time, level, message string
	if json.Unmarshal([]byte(line), &members) != nil {
		fmt.Fprintln(a.out, printable(line))
		return
	}
	if isRoutine(members) {
		return
	}
	for name, into := range map[string]*string{"time": &time, "level": &level, "msg": &message} {
		*into = valueIn(members[name])
		delete(members, name)
	}
	text := fmt.Sprintf("%s  %-5s  %s", a.logTime(time), level, message)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := valueIn(members[name])
		if strings.ContainsAny(value, " \"=") && !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
			value = strconv.Quote(value)
		}
		text += " " + name + "=" + value
	}
	fmt.Fprintln(a.out, printable(text))
}

// isRoutine reports whether a line is one that Lambda itself writes about an invocation without a failure.
func isRoutine(members map[string]json.RawMessage) bool {
	var record struct {
		Status string `json:"status"`
	}
	if !strings.HasPrefix(valueIn(members["type"]), "platform.") || json.Unmarshal(members["record"], &record) != nil {
		return false
	}
	return record.Status == "" || record.Status == "success"
}

// logTime formats the time of a line.
func (a *app) logTime(text string) string {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text
	}
	return a.clock(at)
}

// valueIn returns a text as it is, and another value as JSON.
func valueIn(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
