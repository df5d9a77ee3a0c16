// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
)

// TestOffered: the services offer the operations that the sandbox has AWS's model of. Scan is the one without.
func TestOffered(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("constraint/aws-constraints.json")
	if err != nil {
		t.Fatal(err)
	}
	var models map[string]json.RawMessage
	if err := json.Unmarshal(text, &models); err != nil {
		t.Fatal(err)
	}
	c, err := Start(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, service := range c.services {
		name := service.Scope()
		if name == "monitoring" {
			name = "cloudwatch"
		}
		var model struct{ Operations map[string]json.RawMessage }
		if err := json.Unmarshal(models[name], &model); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		delete(models, name)
		offered := service.(interface{ Offers() []string }).Offers() //nolint:forcetypeassert // the services embed api.Service
		offered = slices.DeleteFunc(offered, func(operation string) bool { return name == "dynamodb" && operation == "Scan" })
		if modelled := slices.Sorted(maps.Keys(model.Operations)); !slices.Equal(offered, modelled) {
			t.Errorf("%s offers %v, the model has %v", name, offered, modelled)
		}
	}
	if delete(models, "_source"); len(models) > 0 {
		t.Errorf("the sandbox does not have the services %v", slices.Sorted(maps.Keys(models)))
	}
}
