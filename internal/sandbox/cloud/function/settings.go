// SPDX-License-Identifier: MPL-2.0

package function

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// settingsInput are the settings in a call. A nil member keeps the current value.
type settingsInput struct {
	Role             *string
	Handler          *string
	Runtime          *string
	Description      *string
	Timeout          *int
	MemorySize       *int
	Environment      *environmentConfig
	LoggingConfig    *loggingConfig
	EphemeralStorage *size
	TracingConfig    *mode
	SnapStart        *struct{ ApplyOn string }
	attachmentsInput
}

// defaultSettings returns the settings of a new function (Lambda API reference, CreateFunction).
func defaultSettings(name string) settings {
	return settings{
		Timeout: 3, MemorySize: 128, EphemeralStorage: 512, Tracing: "PassThrough",
		Logging: loggingConfig{LogFormat: logFormatText, LogGroup: "/aws/lambda/" + name},
	}
}

// apply returns settings with the input's changes.
func (in *settingsInput) apply(to settings) (settings, error) {
	set(&to.Role, in.Role)
	set(&to.Handler, in.Handler)
	set(&to.Runtime, in.Runtime)
	set(&to.Description, in.Description)
	set(&to.Timeout, in.Timeout)
	set(&to.MemorySize, in.MemorySize)
	if in.Environment != nil {
		to.Variables = in.Environment.Variables
	}
	if l := in.LoggingConfig; l != nil {
		to.Logging = l.over(to.Logging)
	}
	if in.EphemeralStorage != nil {
		to.EphemeralStorage = in.EphemeralStorage.Size
	}
	if in.TracingConfig != nil {
		to.Tracing = in.TracingConfig.Mode
	}
	if in.SnapStart != nil && in.SnapStart.ApplyOn != "None" {
		return to, invalidParameter("The sandbox does not emulate SnapStart.")
	}
	in.attach(&to)
	return to, to.validate()
}

func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// over returns the previous configuration, overridden by the members that l sets. Log levels exist only with the JSON format.
func (l *loggingConfig) over(before loggingConfig) loggingConfig {
	result := before
	for _, field := range []struct{ to, from *string }{
		{&result.LogFormat, &l.LogFormat}, {&result.LogGroup, &l.LogGroup},
		{&result.ApplicationLogLevel, &l.ApplicationLogLevel}, {&result.SystemLogLevel, &l.SystemLogLevel},
	} {
		if *field.from != "" {
			*field.to = *field.from
		}
	}
	if result.LogFormat == logFormatJSON {
		for _, level := range []*string{&result.ApplicationLogLevel, &result.SystemLogLevel} {
			if *level == "" {
				*level = "INFO"
			}
		}
	} else if l.ApplicationLogLevel == "" && l.SystemLogLevel == "" {
		result.ApplicationLogLevel, result.SystemLogLevel = "", ""
	}
	return result
}

// validate checks the rules that AWS's model of the API does not have.
func (s *settings) validate() error {
	switch {
	case s.Handler == "":
		return invalidParameter("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	case s.Runtime != "provided.al2023" && s.Runtime != "provided.al2" && s.Runtime != "provided":
		return invalidParameter("The sandbox runs functions of the runtimes provided.al2023 and provided.al2 alone, not %q.", s.Runtime)
	case s.Timeout > 900:
		return wire.Validation(codeValidation, "timeout", strconv.Itoa(s.Timeout), "Member must have value less than or equal to 900")
	case s.MemorySize > 10240:
		return invalidParameter("'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240")
	case s.Logging.LogFormat == logFormatText && (s.Logging.ApplicationLogLevel != "" || s.Logging.SystemLogLevel != ""):
		return invalidParameter("Log level can only be configured when the log format is JSON.")
	}
	if err := s.attachments.validate(); err != nil {
		return err
	}
	return validateVariables(s.Variables)
}

// maxVariables is the maximum total size of environment variables in bytes (AWS Lambda quotas).
const maxVariables = 4 * 1024

// reservedVariables cannot be set. Source: AWS Lambda developer guide, "Defined runtime environment variables".
var reservedVariables = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
	"AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

func validateVariables(variables map[string]string) error {
	var reserved []string
	total := 0
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if slices.Contains(reservedVariables, name) {
			reserved = append(reserved, name)
		}
		total += len(name) + len(variables[name])
	}
	const unable = "Lambda was unable to configure your environment variables because the environment variables you have provided "
	if len(reserved) > 0 {
		return invalidParameter(unable+"contains reserved keys that are currently not supported for modification. "+
			"Reserved keys used in this request: %s", strings.Join(reserved, ", "))
	}
	if total > maxVariables {
		return invalidParameter(unable+"exceeded the 4KB limit. They measure %d bytes.", total)
	}
	return nil
}
