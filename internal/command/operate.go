// SPDX-License-Identifier: MPL-2.0

package command

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chainapi"
)

// answered is what the chain answers to an operation. Each operation has some of the members.
type answered struct {
	Run     string `json:"run"`
	Outcome string `json:"outcome"`
	Started []struct {
		Step   string `json:"step"`
		Reload string `json:"reload"`
	} `json:"started"`
	NotStarted []struct {
		Step   string `json:"step"`
		Reason string `json:"reason"`
	} `json:"not_started"`
	Again []struct {
		Step   string `json:"step"`
		Reason string `json:"reason"`
	} `json:"again"` // of a rerun: what starts although another run has repaired it
	Canceled []struct {
		Step string `json:"step"`
		How  string `json:"how"`
	} `json:"canceled"`
	Failed []struct {
		Step    string `json:"step"`
		Error   string `json:"error"`
		Message string `json:"message"` // of a redrive: the id of a message
		Reason  string `json:"reason"`
	} `json:"failed"`
	Timezone string `json:"timezone"`
	Cycle    string `json:"cycle"` // of a skip: the id of the cycle
	Date     string `json:"date"`  // of a skip: of the cycle
	Paused   *struct {
		At     time.Time `json:"at"`
		By     string    `json:"by"`
		Reason string    `json:"reason"`
	} `json:"paused"`
	Already  bool `json:"already"` // it was so before
	Redriven int  `json:"redriven"`
	Left     int  `json:"left"`
}

// operation is a POST to a chain.
type operation struct {
	chain string
	path  string
	body  map[string]any // members without a value are left out
	// said prints what the answer says for people.
	said func(*answered)
	wait *waiting // for the run that begins; nil: the operation begins none
}

// operate carries out an operation and prints its answer. An answer with failures is a failure of the command.
func (a *app) operate(ctx context.Context, o operation) error {
	t, err := a.find(ctx, o.chain)
	if err != nil {
		return err
	}
	api, err := t.operator(ctx)
	if err != nil {
		return err
	}
	raw, answer, err := post(ctx, api, &o)
	if err != nil {
		return err
	}
	if o.wait != nil && o.wait.on && answer.Run != "" {
		if a.output == outputJSON {
			fmt.Fprintln(a.err, printable(begun(answer)))
		} else {
			o.said(answer)
			a.sayStarts(answer)
		}
		return a.await(ctx, api, o.wait, answer.Run)
	}
	if a.output == outputJSON {
		err = a.json(raw)
	} else {
		o.said(answer)
		a.sayStarts(answer)
	}
	if err == nil && len(answer.Failed) > 0 {
		return &failure{ExitFailed, errSaid}
	}
	return err
}

func post(ctx context.Context, api *chainapi.Client, o *operation) (raw json.RawMessage, answer *answered, err error) {
	for name, value := range o.body {
		if value == "" {
			delete(o.body, name)
		}
	}
	var body []byte
	if len(o.body) > 0 {
		if body, err = json.Marshal(o.body); err != nil {
			return nil, nil, err
		}
	}
	if err := api.Call(ctx, http.MethodPost, o.path, body, &raw); err != nil {
		return nil, nil, err
	}
	answer = new(answered)
	if err := json.Unmarshal(raw, answer); err != nil {
		return nil, nil, fmt.Errorf("the chain's answer cannot be read: %w", err)
	}
	return raw, answer, nil
}

// sayStarts prints what an operation has started, and what it has not.
func (a *app) sayStarts(answer *answered) {
	for _, s := range answer.Started {
		a.say("Started %s: reload %s", s.Step, s.Reload)
	}
	for _, s := range answer.NotStarted {
		reason := s.Reason
		if reason == reasonSignal {
			reason += ", which " + chain.SignalCommand(a.chain, s.Step) + " reports"
		}
		a.say("Not started: %s: %s", s.Step, reason)
	}
	for _, s := range answer.Again {
		a.say("Once more: %s: %s", s.Step, s.Reason)
	}
	for _, s := range answer.Canceled {
		a.say("%s: %s", s.Step, s.How)
	}
	for _, f := range answer.Failed {
		if f.Message != "" {
			a.say("Failed: the message %s: %s", f.Message, f.Reason)
			continue
		}
		a.say("Failed: %s: %s", f.Step, f.Error)
	}
}

// reasonFlag adds the flag for why an operation is asked for. The chain's record keeps it.
func reasonFlag(cmd *cobra.Command, reason *string) {
	cmd.Flags().StringVar(reason, "reason", "", "why, for the chain's record")
}
