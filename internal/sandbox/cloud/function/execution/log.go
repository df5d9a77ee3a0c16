// SPDX-License-Identifier: MPL-2.0

package execution

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// environmentLog is the log stream of one execution environment.
type environmentLog struct {
	runner  *Runner
	version *Version
	stream  string
}

// newLog names a stream as Lambda does: 2026/11/23/[$LATEST]0123456789abcdef….
func (r *Runner) newLog(version *Version) *environmentLog {
	stream := r.config.Now().UTC().Format("2006/01/02/") + "[$LATEST]" + strings.ToLower(rand.Text())
	return &environmentLog{runner: r, version: version, stream: stream}
}

func (l *environmentLog) write(message string) {
	l.runner.config.Log(l.runner.ctx, LogLine{
		RoleARN: l.version.RoleARN, Group: l.version.LogGroup, Stream: l.stream, Time: l.runner.config.Now(), Message: message,
	})
}

// platform writes one of Lambda's own lines: the text, or an event with the record in the JSON log format.
func (l *environmentLog) platform(text, kind string, record map[string]any) {
	if !l.version.LogJSON {
		if text != "" {
			l.write(text)
		}
		return
	}
	line, err := json.Marshal(struct {
		Time   string         `json:"time"`
		Type   string         `json:"type"`
		Record map[string]any `json:"record"`
	}{l.runner.config.Now().UTC().Format("2006-01-02T15:04:05.000Z"), kind, record})
	if err != nil {
		panic(err) // records hold strings and numbers
	}
	l.write(string(line))
}

func (l *environmentLog) initStart() {
	l.platform(fmt.Sprintf("INIT_START Runtime Version: %s", l.version.Runtime), "platform.initStart", map[string]any{
		"initializationType": "on-demand", "phase": "init", "runtimeVersion": l.version.Runtime,
		"functionName": l.version.Name, "functionVersion": "$LATEST",
	})
}

func (l *environmentLog) start(requestID string) {
	l.platform(fmt.Sprintf("START RequestId: %s Version: $LATEST", requestID), "platform.start",
		map[string]any{"requestId": requestID, "version": "$LATEST"})
}

// outcome is the content of an invocation's report.
type outcome struct {
	requestID string
	duration  time.Duration
	initial   time.Duration // of the initialisation, if this invocation needed one, else zero
	failure   *failure
}

// end writes the lines at the end of an invocation. The failure is one that Lambda detected, not one in the function's answer. Max Memory
// Used is missing: the sandbox does not measure it.
func (l *environmentLog) end(o outcome) {
	status, suffix := "success", ""
	metrics := map[string]any{
		"durationMs": milliseconds(o.duration), "billedDurationMs": billed(o), "memorySizeMB": l.version.MemoryMB,
	}
	if o.initial > 0 {
		suffix = fmt.Sprintf("\tInit Duration: %.2f ms", milliseconds(o.initial))
		metrics["initDurationMs"] = milliseconds(o.initial)
	}
	record := map[string]any{"requestId": o.requestID, "metrics": metrics}
	if f := o.failure; f != nil {
		if f.Type == typeTimeout {
			status = "timeout"
			l.text(fmt.Sprintf("%s %s %s", l.runner.config.Now().UTC().Format("2006-01-02T15:04:05.000Z"), o.requestID, f.Message))
			suffix += "\tStatus: timeout"
		} else {
			status = "error"
			l.text(fmt.Sprintf("RequestId: %s Error: %s", o.requestID, f.Message))
			l.text(f.Type)
			suffix += "\tStatus: error\tError Type: " + f.Type
		}
		record["errorType"] = f.Type
	}
	record["status"] = status
	l.text("END RequestId: " + o.requestID)
	l.platform(fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB%s",
		o.requestID, milliseconds(o.duration), billed(o), l.version.MemoryMB, suffix), "platform.report", record)
}

// text writes a line that only the text format has.
func (l *environmentLog) text(line string) {
	if !l.version.LogJSON {
		l.write(line)
	}
}

func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d.Microseconds())/10) / 100
}

// billed returns the billed milliseconds, rounded up, including the initialisation.
func billed(o outcome) int64 {
	return int64(math.Ceil(float64((o.duration + o.initial).Microseconds()) / 1000))
}
