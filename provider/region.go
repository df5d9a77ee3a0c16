// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/aws-sdk-go-base/v2/endpoints"
	"github.com/hashicorp/aws-sdk-go-base/v2/validation"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// checkRegion describes what is wrong with the name of an AWS region.
func checkRegion(value any) string {
	region, _ := value.(string)
	if region == "" || validation.SupportedRegion(region) == nil {
		return ""
	}
	problem := fmt.Sprintf("The AWS region %q is not one that this version of the provider knows.", region)
	if near := nearestRegion(region); near != "" {
		return fmt.Sprintf("%s Did you mean %q?", problem, near)
	}
	return problem + " Correct the provider's argument aws.region or the environment variable AWS_REGION, or update the provider."
}

// nearestRegion finds the region of an availability zone, of a title such as "Europe (Frankfurt)", or of a misspelled name.
func nearestRegion(name string) string {
	var ids []string
	for _, partition := range endpoints.DefaultPartitions() {
		for id, region := range partition.Regions() {
			if strings.EqualFold(region.Description(), name) || strings.EqualFold(strings.TrimRight(strings.ToLower(name), "abcdef"), id) {
				return id
			}
			ids = append(ids, id)
		}
	}
	if near := chain.Near(name, ids, 1); len(near) > 0 {
		return near[0]
	}
	return ""
}
