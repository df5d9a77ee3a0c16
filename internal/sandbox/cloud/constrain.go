// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"fmt"
	"strings"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/constraint"
)

// constraints counts the requests that are checked against AWS's own constraints.
type constraints struct {
	provoked bool // by a test

	mu      sync.Mutex
	figures constraint.Figures
}

// count counts a call and the result of its check.
func (c *constraints) count(record *Call, refusal error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	tally := &c.figures.Others
	switch {
	case record.ofProduct() && c.provoked:
		tally = &c.figures.Provoked
	case record.ofProduct():
		tally = &c.figures.Product
	}
	tally.Add(record.Service, record.Operation, refusal)
}

// result returns an error if the product sent requests that AWS refuses.
func (c *constraints) result() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if refused := c.figures.Product.Refused; len(refused) > 0 {
		return fmt.Errorf("%d requests of the product break AWS's constraints. Change what sends them:\n%s",
			len(refused), strings.Join(refused, "\n"))
	}
	return nil
}

// The product's clients by their User-Agent. The function calls AWS without the SDK's packages for the services, which put sdkAgent there.
const (
	providerAgent = "terraform-provider-qlik"
	sdkAgent      = "aws-sdk-go-v2"
)

// ofProduct reports whether the provider or a chain's function made the call, as opposed to a test's client.
func (c *Call) ofProduct() bool {
	return strings.Contains(c.UserAgent, providerAgent) || c.Role != "" && !strings.Contains(c.UserAgent, sdkAgent)
}

// Constraints returns how many requests were checked against AWS's constraints, and names the refused ones.
func (c *Cloud) Constraints() constraint.Figures {
	c.constraints.mu.Lock()
	defer c.constraints.mu.Unlock()
	var figures constraint.Figures
	figures.AddAll(c.constraints.figures)
	return figures
}
