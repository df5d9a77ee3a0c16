// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

const definitionPath = "/qlik-task-chain/nightly/definition"

// partsStore answers like SSM, and returns which names each call was about.
type partsStore struct {
	mu     sync.Mutex
	values map[string]string
	calls  [][]string
	before func(names []string) error // called before a call is answered; may change the values
}

func (p *partsStore) Get(_ context.Context, names []string) (map[string]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, names)
	if p.before != nil {
		if err := p.before(names); err != nil {
			return nil, err
		}
	}
	return pick(p.values, names)
}

// write makes the store hold a definition, as Terraform does; the parts of an earlier one go.
func (p *partsStore) write(t *testing.T, d *chain.Definition) {
	t.Helper()
	stored, err := d.Store()
	if err != nil {
		t.Fatal(err)
	}
	p.values = map[string]string{definitionPath: stored.Value}
	for id, part := range stored.Parts {
		p.values[definitionPath+"/"+id] = part
	}
}

// long is a chain of n steps with variables that do not compress. The seed distinguishes one from another.
func long(n int, seed uint64) *chain.Definition {
	random := rand.New(rand.NewPCG(seed, 0))
	d := &chain.Definition{Version: chain.Version, Name: "nightly", Steps: map[string]chain.Step{}}
	for i := range n {
		d.Steps[fmt.Sprintf("app %d", i)] = chain.Step{
			App: fmt.Sprintf("80c6f35f-c9d7-4488-bb5a-%012x", i), Enabled: true,
			Variables: map[string]string{"v": fmt.Sprintf("%016x%016x%016x", random.Uint64(), random.Uint64(), random.Uint64())},
		}
	}
	return d
}

func readDefinition(t *testing.T, p *partsStore) (*chain.Definition, error) {
	t.Helper()
	d := &deployment{services: services{settings: settings{definitionParameter: definitionPath}, parameters: p}}
	return d.definition(t.Context(), p.values[definitionPath])
}

func TestAShortDefinitionTakesNoFurtherCall(t *testing.T) {
	t.Parallel()
	p := &partsStore{}
	p.write(t, long(3, 1))
	if got, err := readDefinition(t, p); err != nil || !reflect.DeepEqual(got, long(3, 1)) || len(p.calls) != 0 {
		t.Errorf("definition() = %v, %v after %d calls", got, err, len(p.calls))
	}
}

func TestALongDefinitionIsReadTenPartsACall(t *testing.T) {
	t.Parallel()
	p := &partsStore{}
	p.write(t, long(1500, 1))
	if parts := len(p.values) - 1; parts <= 10 || parts > 20 {
		t.Fatalf("there are %d parts; the test wants two calls", parts)
	}
	got, err := readDefinition(t, p)
	if err != nil || !reflect.DeepEqual(got, long(1500, 1)) {
		t.Fatalf("definition() is another one: %v", err)
	}
	if len(p.calls) != 2 {
		t.Errorf("SSM was called %d times: %q", len(p.calls), p.calls)
	}
}

// Terraform has written another definition, and deleted the parts of the one before, after its parameter was read.
func TestADefinitionThatIsSwitchedMeanwhileIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]*chain.Definition{"to a long one": long(500, 2), "to a short one": long(3, 2)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &partsStore{}
			p.write(t, long(500, 1))
			p.before = func([]string) error {
				p.before = nil
				p.write(t, next)
				return nil
			}
			got, err := readDefinition(t, p)
			if err != nil || !reflect.DeepEqual(got, next) {
				t.Errorf("definition() is another one: %v", err)
			}
		})
	}
}

func TestADefinitionWithAMissingPart(t *testing.T) {
	t.Parallel()
	p := &partsStore{}
	p.write(t, long(500, 1))
	names := slices.Sorted(maps.Keys(p.values))
	delete(p.values, names[len(names)-1])
	_, err := readDefinition(t, p)
	if id := strings.TrimPrefix(names[len(names)-1], definitionPath+"/"); err == nil ||
		!strings.Contains(err.Error(), "part "+id+" is missing") {
		t.Errorf("definition() = %v", err)
	}
	if len(p.calls) != 3 { // the parts, the parameter, the parts
		t.Errorf("SSM was called %d times: %q", len(p.calls), p.calls)
	}
}

func TestADefinitionWhosePartsCannotBeRead(t *testing.T) {
	t.Parallel()
	p := &partsStore{}
	p.write(t, long(1500, 1))
	p.before = func([]string) error { return errors.New("ThrottlingException") }
	if _, err := readDefinition(t, p); err == nil || !strings.Contains(err.Error(), "ThrottlingException") {
		t.Errorf("definition() = %v", err)
	}
}
