// SPDX-License-Identifier: MPL-2.0

package function

import (
	"regexp"
)

// attachments are a function's references to other services. The sandbox stores and returns them; they do not affect how the function runs
// here.
type attachments struct {
	KeyARN      string // KMS key of the environment; empty: one that AWS owns
	Layers      []string
	VPC         *vpcConfig // nil: never set
	DeadLetters string     // ARN of an SQS queue or an SNS topic
	FileSystems []fileSystem
}

type fileSystem struct{ Arn, LocalMountPath string }

type vpcConfig struct {
	SubnetIDs               []string `json:"SubnetIds"`
	SecurityGroupIDs        []string `json:"SecurityGroupIds"`
	Ipv6AllowedForDualStack bool
}

type target struct {
	TargetArn string `json:",omitempty"`
}

// attachmentsInput is the input for attachments. A nil member keeps the current value.
type attachmentsInput struct {
	KMSKeyArn        *string
	Layers           *[]string
	VpcConfig        *vpcConfig
	DeadLetterConfig *target

	FileSystemConfigs *[]fileSystem
}

func (in *attachmentsInput) attach(to *settings) {
	set(&to.KeyARN, in.KMSKeyArn)
	set(&to.Layers, in.Layers)
	set(&to.FileSystems, in.FileSystemConfigs)
	if in.VpcConfig != nil {
		to.VPC = in.VpcConfig
	}
	if in.DeadLetterConfig != nil {
		to.DeadLetters = in.DeadLetterConfig.TargetArn
	}
}

// maxLayers is the maximum number of a function's layers (AWS Lambda quotas).
const maxLayers = 5

// deadLettersARN matches the ARN of a service that accepts dead letters.
var deadLettersARN = regexp.MustCompile(`^(arn:(aws[a-zA-Z-]*)?:(sqs|sns):.*)?$`)

func (a *attachments) validate() error {
	switch {
	case len(a.Layers) > maxLayers:
		return invalidParameter("Cannot reference more than %d layers.", maxLayers)
	case !deadLettersARN.MatchString(a.DeadLetters):
		return invalidParameter("The provided target arn is invalid: %s", a.DeadLetters)
	case a.VPC != nil && (len(a.VPC.SubnetIDs) == 0) != (len(a.VPC.SecurityGroupIDs) == 0):
		return invalidParameter("SubnetIds and SecurityIds must coexist or be both empty list.")
	case len(a.FileSystems) > 0 && (a.VPC == nil || len(a.VPC.SubnetIDs) == 0):
		return invalidParameter("Function must be configured to execute in a VPC to reference access point %s.", a.FileSystems[0].Arn)
	}
	return nil
}

// checkDeadLetters refuses a queue that the function's role may not send to.
func (s *Service) checkDeadLetters(to *settings) error {
	if !queueARN.MatchString(to.DeadLetters) || s.config.Queues != nil && s.config.Queues.MaySend(to.Role, to.DeadLetters) {
		return nil
	}
	return invalidParameter("The provided execution role does not have permissions to call SendMessage on SQS")
}

type layer struct {
	Arn      string
	CodeSize int
}

// vpcAnswer is the API's VpcConfigResponse. The sandbox has no VPCs: their id is empty.
type vpcAnswer struct {
	vpcConfig
	VpcId string //nolint:revive // the API's spelling
}

// describe adds the attachments to a function's configuration.
func (a *attachments) describe(c *configuration) {
	c.KMSKeyArn, c.FileSystemConfigs = a.KeyARN, a.FileSystems
	for _, arn := range a.Layers {
		c.Layers = append(c.Layers, layer{Arn: arn})
	}
	if a.VPC != nil {
		c.VpcConfig = &vpcAnswer{vpcConfig: vpcConfig{
			append([]string{}, a.VPC.SubnetIDs...), append([]string{}, a.VPC.SecurityGroupIDs...), a.VPC.Ipv6AllowedForDualStack,
		}}
	}
	if a.DeadLetters != "" {
		c.DeadLetterConfig = &target{a.DeadLetters}
	}
}
