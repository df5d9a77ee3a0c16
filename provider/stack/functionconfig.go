// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// environment returns the function's current variables. They are empty when the function is missing.
func (c *function) environment() map[string]string {
	if c.seen == nil || c.seen.Environment == nil {
		return nil
	}
	return c.seen.Environment.Variables
}

// wantEnvironment returns the wanted variables. They contain the parameters' versions, so they are right only after the parameters are
// written.
func (c *function) wantEnvironment(want *Spec) map[string]string {
	environment := map[string]string{
		chain.EnvContract:               chain.ContractVersion,
		chain.EnvChainName:              c.s.chain,
		chain.EnvTenantURL:              want.TenantURL,
		chain.EnvTenantID:               c.s.TenantID,
		chain.EnvTable:                  c.s.objectName(),
		chain.EnvScheduleGroup:          c.s.scheduleGroupName(),
		chain.EnvTimerRoleARN:           c.s.timerRole.arn(want),
		chain.EnvDeadLetterQueueARN:     c.s.queueARN(),
		chain.EnvOperatorKeyID:          c.s.apiKey.id(),
		chain.EnvViewerKeyID:            c.s.viewerKey.id(),
		chain.EnvSignalKeyID:            c.s.signalKey.id(),
		chain.EnvRoleID:                 c.s.role.id(),
		chain.EnvDefinitionParameter:    c.s.definition.path(),
		chain.EnvDefinitionRevision:     c.s.definition.revision(),
		chain.EnvCredentialsParameter:   c.s.credentials.path(),
		chain.EnvCredentialsRevision:    c.s.credentials.revision(),
		chain.EnvCredentialsFingerprint: want.CredentialsFingerprint,
		chain.EnvCredentialsVersion:     want.CredentialsVersion,
		chain.EnvSecretsKMSKeyARN:       want.KMSKeyARN,
		chain.EnvSigningSecretParameter: c.s.signingSecret.path(),
		chain.EnvSigningSecretRevision:  c.s.signingSecret.revision(),
	}
	maps.Copy(environment, c.s.Endpoints)
	if want.OperatorAuth != chain.OperatorAuthKey {
		environment[chain.EnvOperatorAuth] = want.OperatorAuth
	}
	if !want.Metrics {
		environment[chain.EnvMetrics] = chain.MetricsOff
	}
	if len(want.AlarmActions) > 0 {
		environment[chain.EnvAlarmActions], environment[chain.EnvInvokeURL] = strings.Join(want.AlarmActions, ","), c.s.linkURL()
	}
	if want.Events != nil {
		environment[chain.EnvEventBus] = want.Events.Bus
	}
	maps.DeleteFunc(environment, func(_, value string) bool { return value == "" })
	return environment
}

// diffConfiguration returns the differences in the settings that UpdateFunctionConfiguration changes.
func (c *function) diffConfiguration(want *Spec) []Difference {
	all := unequal("function.", append(c.settings(want), c.extras()...))
	if c.seen.LastUpdateStatus == types.LastUpdateStatusFailed {
		all = append(all, Difference{Setting: "function.last_update_status", Have: string(c.seen.LastUpdateStatus),
			Want: string(types.LastUpdateStatusSuccessful)})
	}
	if have, want := c.environment(), c.wantEnvironment(want); !maps.Equal(have, want) {
		set, unset := changes(have, want)
		all = append(all, Difference{Setting: "function.environment", Have: "other values of " + strings.Join(append(keys(set), unset...), ", ")})
	}
	return all
}

// settings returns the settings that the function of every chain has.
func (c *function) settings(want *Spec) []Difference {
	var logging types.LoggingConfig
	if c.seen.LoggingConfig != nil {
		logging = *c.seen.LoggingConfig
	}
	return []Difference{
		{"role", aws.ToString(c.seen.Role), c.s.role.arn(want)},
		{"runtime", string(c.seen.Runtime), functionRuntime},
		{"handler", aws.ToString(c.seen.Handler), "bootstrap"},
		{"description", aws.ToString(c.seen.Description), c.description()},
		{"memory_size", strconv.Itoa(int(aws.ToInt32(c.seen.MemorySize))), strconv.Itoa(int(want.MemorySize))},
		{"timeout", strconv.Itoa(int(aws.ToInt32(c.seen.Timeout))), strconv.Itoa(functionTimeoutSeconds)},
		{"log_format", string(logging.LogFormat), string(types.LogFormatJson)},
		{"log_group", aws.ToString(logging.LogGroup), c.s.logGroupName()},
		{"application_log_level", string(logging.ApplicationLogLevel), string(types.ApplicationLogLevelInfo)},
		{"system_log_level", string(logging.SystemLogLevel), string(types.SystemLogLevelInfo)},
		{"kms_key", orNone(aws.ToString(c.seen.KMSKeyArn)), orNone(want.KMSKeyARN)},
	}
}

// extras returns the settings that no chain gives its function. A user may have set them.
func (c *function) extras() []Difference {
	tracing, storage, vpc, deadLetters := types.TracingModePassThrough, int32(defaultStorageMB), "", ""
	if c.seen.TracingConfig != nil {
		tracing = c.seen.TracingConfig.Mode
	}
	if c.seen.EphemeralStorage != nil {
		storage = aws.ToInt32(c.seen.EphemeralStorage.Size)
	}
	if c.seen.VpcConfig != nil {
		vpc = strings.Join(append(slices.Clone(c.seen.VpcConfig.SubnetIds), c.seen.VpcConfig.SecurityGroupIds...), ", ")
	}
	if c.seen.DeadLetterConfig != nil {
		deadLetters = aws.ToString(c.seen.DeadLetterConfig.TargetArn)
	}
	var layers []string
	for _, layer := range c.seen.Layers {
		layers = append(layers, aws.ToString(layer.Arn))
	}
	var fileSystems []string
	for _, fileSystem := range c.seen.FileSystemConfigs {
		fileSystems = append(fileSystems, aws.ToString(fileSystem.Arn))
	}
	return []Difference{
		{"tracing_mode", string(tracing), string(types.TracingModePassThrough)},
		{"ephemeral_storage", strconv.Itoa(int(storage)), strconv.Itoa(defaultStorageMB)},
		{"vpc", orNone(vpc), orNone("")},
		{"dead_letter_target", orNone(deadLetters), orNone("")}, // the chain's own is in eventInvoke
		{"layers", orNone(strings.Join(layers, ", ")), orNone("")},
		{"file_systems", orNone(strings.Join(fileSystems, ", ")), orNone("")},
	}
}

// defaultStorageMB is the size of /tmp that Lambda gives every function.
const defaultStorageMB = 512

func (c *function) description() string {
	return "Starts what comes next in the task chain " + c.s.chain + "."
}

func (c *function) wantLogging() *types.LoggingConfig {
	return &types.LoggingConfig{
		LogFormat: types.LogFormatJson, LogGroup: aws.String(c.s.logGroupName()),
		ApplicationLogLevel: types.ApplicationLogLevelInfo, SystemLogLevel: types.SystemLogLevelInfo,
	}
}

func (c *function) updateConfiguration(ctx context.Context, want *Spec) error {
	input := &lambda.UpdateFunctionConfigurationInput{
		FunctionName: aws.String(c.s.objectName()), Role: aws.String(c.s.role.arn(want)), Runtime: functionRuntime,
		Handler:     aws.String("bootstrap"),
		Description: aws.String(c.description()), MemorySize: aws.Int32(want.MemorySize), Timeout: aws.Int32(functionTimeoutSeconds),
		Environment:   &types.Environment{Variables: c.wantEnvironment(want)},
		LoggingConfig: c.wantLogging(),
	}
	// The call leaves out what need not change: some settings require extra permissions.
	for _, setting := range append(c.extras(), Difference{"kms_key", aws.ToString(c.seen.KMSKeyArn), want.KMSKeyARN}) {
		if setting.Have == setting.Want {
			continue
		}
		switch setting.Setting {
		case "tracing_mode":
			input.TracingConfig = &types.TracingConfig{Mode: types.TracingModePassThrough}
		case "ephemeral_storage":
			input.EphemeralStorage = &types.EphemeralStorage{Size: aws.Int32(defaultStorageMB)}
		case "vpc":
			input.VpcConfig = &types.VpcConfig{SubnetIds: []string{}, SecurityGroupIds: []string{}}
		case "dead_letter_target":
			input.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String("")}
		case "layers":
			input.Layers = []string{}
		case "file_systems":
			input.FileSystemConfigs = []types.FileSystemConfig{}
		case "kms_key":
			input.KMSKeyArn = aws.String(want.KMSKeyARN) // empty: Lambda's own key again
		}
	}
	err := retry(ctx, functionTimeout, roleNotYetUsable, func(ctx context.Context) error {
		return done(c.s.Lambda.UpdateFunctionConfiguration(ctx, input))
	})
	if err != nil {
		return err
	}
	return c.waitUpdated(ctx)
}
