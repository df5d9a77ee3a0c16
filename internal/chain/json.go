// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// VersionError is a definition in a format that this package does not read.
type VersionError struct {
	Version int // the definition's; 0 when it has none
}

// Error says what was found and what can be read.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the definition has format version %d, and this release reads version %d only: "+
		"apply the chain again with the release that is to run it", e.Version, Version)
}

// document is a definition's JSON.
type document struct {
	Version     int             `json:"version"`
	Name        string          `json:"name"`
	Timezone    string          `json:"timezone,omitempty"`
	Cycle       *cycle          `json:"cycle,omitempty"`
	Schedule    *schedule       `json:"schedule,omitempty"`
	Overlap     Overlap         `json:"overlap,omitempty"`
	MaxRunning  int             `json:"max_running,omitempty"`
	MaxDuration *maxDuration    `json:"max_duration,omitempty"`
	ExpectBy    *expectBy       `json:"expect_by,omitempty"`
	NotifyOn    []NotifyOn      `json:"notify_on,omitempty"`
	HistoryDays int             `json:"history_days,omitempty"`
	Steps       map[string]step `json:"steps"`
}

type step struct {
	App              string               `json:"app"`
	After            map[string]Condition `json:"after,omitempty"`
	Schedule         *schedule            `json:"schedule,omitempty"`
	WaitFor          WaitFor              `json:"wait_for,omitempty"`
	CarryOver        map[string]duration  `json:"carry_over,omitempty"`
	When             string               `json:"when,omitempty"`
	Delay            duration             `json:"delay,omitempty"`
	Retry            *retry               `json:"retry,omitempty"`
	MaxDuration      *maxDuration         `json:"max_duration,omitempty"`
	MaxStartsPerHour int                  `json:"max_starts_per_hour,omitempty"`
	ExpectBy         *expectBy            `json:"expect_by,omitempty"`
	Enabled          *bool                `json:"enabled,omitempty"` // absent = true
	Partial          bool                 `json:"partial,omitempty"`
	Variables        map[string]string    `json:"variables,omitempty"`
	Weight           int                  `json:"weight,omitempty"`
}

type cycle struct {
	Begins string   `json:"begins,omitempty"`
	Every  duration `json:"every,omitempty"`
}

type schedule struct {
	Cron     string   `json:"cron,omitempty"`
	Rate     duration `json:"rate,omitempty"`
	Timezone string   `json:"timezone,omitempty"`
	Except   []string `json:"except,omitempty"`
}

type maxDuration struct {
	After      duration   `json:"after"`
	OnExceeded OnExceeded `json:"on_exceeded,omitempty"`
}

type expectBy struct {
	Time     string `json:"time"`
	Timezone string `json:"timezone,omitempty"`
	Days     []Day  `json:"days,omitempty"`
}

type retry struct {
	MaxAttempts int       `json:"max_attempts"`
	Interval    duration  `json:"interval,omitempty"`
	BackoffRate float64   `json:"backoff_rate,omitempty"`
	RetryOn     []RetryOn `json:"retry_on,omitempty"`
}

// Parse reads a definition, in its canonical form. It refuses what it does not know: an unknown version with *VersionError, an
// unknown field, a rule broken with *InvalidError. Of the rules that Validate knows it leaves out those of guards: to compile each
// would take most of the time, and only those of steps that are due are needed.
func Parse(data []byte) (*Definition, error) {
	// The version comes first: the fields of another version may be unknown ones.
	var format struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &format); err != nil {
		return nil, fmt.Errorf("reading the definition: %w", err)
	}
	if format.Version != Version {
		return nil, &VersionError{Version: format.Version}
	}
	var doc document
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return nil, fmt.Errorf("reading the definition: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading the definition: there is something after its end")
	}
	d := doc.definition()
	if problems := d.check(whenRead); len(problems) > 0 {
		return nil, &InvalidError{Problems: problems}
	}
	return d.Canonical(), nil
}

func (doc document) definition() *Definition {
	d := &Definition{
		Version: doc.Version, Name: doc.Name, Timezone: doc.Timezone, HistoryDays: doc.HistoryDays, ExpectBy: (*ExpectBy)(doc.ExpectBy),
		Schedule: doc.Schedule.schedule(), Overlap: doc.Overlap, MaxRunning: doc.MaxRunning, MaxDuration: doc.MaxDuration.maxDuration(),
		NotifyOn: doc.NotifyOn, Steps: make(map[string]Step, len(doc.Steps)),
	}
	if doc.Cycle != nil {
		d.Cycle = &Cycle{Begins: doc.Cycle.Begins, Every: time.Duration(doc.Cycle.Every)}
	}
	for key, s := range doc.Steps {
		decoded := Step{
			App: s.App, After: s.After, WaitFor: s.WaitFor, CarryOver: durations[time.Duration](s.CarryOver), When: s.When, Delay: time.Duration(s.Delay),
			Enabled: s.Enabled == nil || *s.Enabled, Partial: s.Partial, Variables: s.Variables, Weight: s.Weight,
			MaxDuration: s.MaxDuration.maxDuration(), MaxStartsPerHour: s.MaxStartsPerHour,
			Schedule: s.Schedule.schedule(), ExpectBy: (*ExpectBy)(s.ExpectBy),
		}
		if s.Retry != nil {
			decoded.Retry = &Retry{
				MaxAttempts: s.Retry.MaxAttempts, Interval: time.Duration(s.Retry.Interval), BackoffRate: s.Retry.BackoffRate, RetryOn: s.Retry.RetryOn,
			}
		}
		d.Steps[key] = decoded
	}
	return d
}

func (s *schedule) schedule() *Schedule {
	if s == nil {
		return nil
	}
	return &Schedule{Cron: s.Cron, Rate: time.Duration(s.Rate), Timezone: s.Timezone, Except: s.Except}
}

func (m *maxDuration) maxDuration() *MaxDuration {
	if m == nil {
		return nil
	}
	return &MaxDuration{After: time.Duration(m.After), OnExceeded: m.OnExceeded}
}

func durations[To, From ~int64](m map[string]From) map[string]To {
	if m == nil {
		return nil
	}
	converted := make(map[string]To, len(m))
	for key, d := range m {
		converted[key] = To(d)
	}
	return converted
}

func (d *Definition) document() document {
	doc := document{
		Version: d.Version, Name: d.Name, Timezone: d.Timezone, HistoryDays: d.HistoryDays, ExpectBy: (*expectBy)(d.ExpectBy),
		Schedule: scheduleOf(d.Schedule), Overlap: d.Overlap, MaxRunning: d.MaxRunning, MaxDuration: maxDurationOf(d.MaxDuration),
		NotifyOn: d.NotifyOn, Steps: make(map[string]step, len(d.Steps)),
	}
	if d.Cycle != nil {
		doc.Cycle = &cycle{Begins: d.Cycle.Begins, Every: duration(d.Cycle.Every)}
	}
	for key, s := range d.Steps {
		encoded := step{
			App: s.App, After: s.After, WaitFor: s.WaitFor, CarryOver: durations[duration](s.CarryOver), When: s.When, Delay: duration(s.Delay),
			Partial: s.Partial, Variables: s.Variables, Weight: s.Weight,
			MaxDuration: maxDurationOf(s.MaxDuration), MaxStartsPerHour: s.MaxStartsPerHour,
			Schedule: scheduleOf(s.Schedule), ExpectBy: (*expectBy)(s.ExpectBy),
		}
		if !s.Enabled {
			encoded.Enabled = &s.Enabled
		}
		if s.Retry != nil {
			encoded.Retry = &retry{
				MaxAttempts: s.Retry.MaxAttempts, Interval: duration(s.Retry.Interval), BackoffRate: s.Retry.BackoffRate, RetryOn: s.Retry.RetryOn,
			}
		}
		doc.Steps[key] = encoded
	}
	return doc
}

func scheduleOf(s *Schedule) *schedule {
	if s == nil {
		return nil
	}
	return &schedule{Cron: s.Cron, Rate: duration(s.Rate), Timezone: s.Timezone, Except: s.Except}
}

func maxDurationOf(m *MaxDuration) *maxDuration {
	if m == nil {
		return nil
	}
	return &maxDuration{After: duration(m.After), OnExceeded: m.OnExceeded}
}

// Encode writes the definition's canonical form as JSON that people can read: indented, keys sorted. Definitions that mean the same
// give the same bytes. The result is a valid value of an SSM parameter.
func (d *Definition) Encode() ([]byte, error) {
	return d.encode("  ")
}

// EncodeCompact is Encode without white space.
func (d *Definition) EncodeCompact() ([]byte, error) {
	return d.encode("")
}

func (d *Definition) encode(indent string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(d.Canonical().document()); err != nil {
		return nil, fmt.Errorf("writing the definition: %w", err)
	}
	// SSM takes {{name}} in a value for a reference to another parameter and refuses it ("you can't nest a parameter in
	// a parameter value", PutParameter). Outside of a string no brace of JSON follows another directly.
	text := bytes.ReplaceAll(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("{{"), []byte(`{\u007b`))
	return text, nil
}

// SHA256 returns the checksum of the compact form, in hexadecimal.
func (d *Definition) SHA256() (string, error) {
	text, err := d.EncodeCompact()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
