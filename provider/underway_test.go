// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// TestAccRunsUnderWay checks that the plan to destroy a chain names the runs with starts that have not ended. It counts their steps, not
// the attempts.
func TestAccRunsUnderWay(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	l.configure(h.chain(shortChain))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	put := func(sk string) {
		t.Helper()
		_, err := dynamodb.NewFromConfig(h.AWS()).PutItem(t.Context(),
			&dynamodb.PutItemInput{TableName: aws.String(objectName), Item: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: chain.NowPK}, "sk": &types.AttributeValueMemberS{Value: sk},
			}})
		if err != nil {
			t.Fatal(err)
		}
	}
	plan := func() string {
		t.Helper()
		output, err := l.terraform("plan", "-destroy", "-no-color", "-input=false")
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		return output
	}
	const warning = "Warning: A run is under way"
	put("CANCELED#20261124T020000Z-x")
	expectWords(t, "none", plan(), nil, []string{warning})
	put(chain.OpenSKPrefix + sandbox.AppTransform + "#20261124T020000Z-a1#01")
	put(chain.OpenSKPrefix + sandbox.AppTransform + "#20261124T020000Z-a1#02")
	put(chain.OpenSKPrefix + sandbox.AppExtract + "#20261124T020000Z-a1#01")
	expectWords(t, "one", plan(), []string{warning, "while its run 20261124T020000Z-a1 is under way. Steps that have not ended: 2."}, nil)
	put(chain.OpenSKPrefix + sandbox.AppExtract + "#20261124T030000Z-b2#01")
	expectWords(t, "two", plan(), []string{warning, "while its runs 20261124T020000Z-a1 and 20261124T030000Z-b2 are under way. Steps that " +
		"have not ended: 3."}, nil)
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}
