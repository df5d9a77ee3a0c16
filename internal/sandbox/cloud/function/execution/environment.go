// SPDX-License-Identifier: MPL-2.0

package execution

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// initTimeout is the maximum time until a process asks for its first invocation. Source: AWS Lambda developer guide, "Understanding the
// Lambda execution environment lifecycle".
const initTimeout = 10 * time.Second

// environment is one execution environment: a process and its Runtime API. It runs at most one invocation at a time.
type environment struct {
	runner  *Runner
	version *Version
	log     *environmentLog
	exited  chan struct{} // closed after the process has ended

	mu      sync.Mutex // start and stop
	stopped bool
	cmd     *exec.Cmd
	out     *output
	api     *runtimeAPI

	broken      *failure // why the process could not be started
	initialised bool
	started     time.Time
	exit        error // the result of waiting for the process; valid after exited is closed
}

// start starts the process. An error becomes the answer of the invocation.
func (e *environment) start() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped { // the Runner was closed meanwhile
		e.broken = &failure{Type: typeExit, Message: "the sandbox is closing"}
		return
	}
	e.log.initStart()
	e.started = time.Now()
	entry, broken := findEntrypoint(thisHost(), e.version, e.runner.config.HostBootstrap)
	if broken == nil {
		if entry.note != "" {
			e.log.write(entry.note)
		}
		broken = e.launch(entry.path)
	}
	e.broken = broken
}

func (e *environment) launch(path string) *failure {
	credentials, err := e.runner.config.Credentials(e.runner.ctx, e.version.RoleARN, e.version.Name)
	if err != nil {
		return &failure{Type: typeCredential, Message: fmt.Sprintf("the role %s gave no credentials: %v", e.version.RoleARN, err)}
	}
	// Lambda grants the use of the variables' key to the role itself, not to the role's name. Source:
	// https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors
	if len(e.version.Variables) > 0 && credentials.RoleID != e.version.Grantee {
		return &failure{Type: typeDecrypt, Message: "Lambda was unable to decrypt the environment variables because KMS access was denied. " +
			"Please check the function's KMS key settings."}
	}
	if e.api, err = startRuntimeAPI(e.runner.ctx); err != nil {
		return invalidEntrypoint(err.Error())
	}
	if e.out, err = newOutput(e.log.write); err != nil {
		return invalidEntrypoint(err.Error())
	}
	cmd := exec.Command(path) //nolint:noctx // the function's own code; stop kills its whole group, which a context would not
	cmd.Dir = e.version.TaskRoot
	cmd.Env = e.variables(credentials)
	cmd.Stdout, cmd.Stderr = e.out.write, e.out.write
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return invalidEntrypoint(err.Error())
	}
	e.cmd = cmd
	go func() {
		e.exit = cmd.Wait()
		close(e.exited)
	}()
	return nil
}

// variables returns the process's whole environment: Lambda's variables, overridden by the function's own. It contains no variables of the
// host. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (e *environment) variables(credentials Credentials) []string {
	v := e.version
	all := map[string]string{
		"AWS_REGION":                      e.runner.config.Region,
		"AWS_DEFAULT_REGION":              e.runner.config.Region,
		"AWS_ENDPOINT_URL":                e.runner.config.Endpoint,
		"AWS_ACCESS_KEY_ID":               credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN":               credentials.SessionToken,
		"AWS_LAMBDA_FUNCTION_NAME":        v.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(v.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       v.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      e.log.stream,
		"AWS_LAMBDA_LOG_FORMAT":           "Text",
		"AWS_LAMBDA_RUNTIME_API":          e.api.address,
		"LAMBDA_TASK_ROOT":                v.TaskRoot,
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"_HANDLER":                        v.Handler,
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"TZ":                              ":UTC",
	}
	if v.LogJSON {
		all["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
	}
	for name, value := range v.Variables {
		all[name] = value
	}
	list := make([]string, 0, len(all))
	for name, value := range all {
		list = append(list, name+"="+value)
	}
	return list
}

// alive reports whether the process can take another invocation.
func (e *environment) alive() bool {
	if e.broken != nil {
		return false
	}
	select {
	case <-e.exited:
		return false
	default:
		return e.initialised
	}
}

// stop kills the process and its children, and returns when they have ended. It may be called more than once.
func (e *environment) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return
	}
	e.stopped = true
	var errs []error
	if e.cmd != nil {
		errs = append(errs, killGroup(e.cmd))
		<-e.exited
	}
	if e.out != nil {
		errs = append(errs, e.out.close())
	}
	if e.api != nil {
		errs = append(errs, e.api.close())
	}
	if err := errors.Join(errs...); err != nil {
		e.runner.config.Logger.Warn("stopping an execution environment", "function", e.version.Name, "error", err)
	}
	e.runner.forget(e)
}

// invoke runs one invocation. An error means that the Runner was closed.
func (e *environment) invoke(invocation Invocation) (Result, error) {
	o := outcome{requestID: invocation.RequestID}
	d := &delivery{Invocation: invocation, arn: e.version.ARN}
	o.failure = e.broken
	if o.failure == nil && !e.initialised {
		var err error
		if o.failure, err = e.initialise(); err != nil {
			return Result{}, err
		}
		o.initial = time.Since(e.started)
	}
	e.log.start(invocation.RequestID)
	if o.failure == nil {
		began := time.Now()
		var err error
		if o.failure, err = e.run(d); err != nil {
			return Result{}, err
		}
		o.duration = min(time.Since(began), e.version.Timeout)
	}
	if e.out != nil {
		if err := e.out.flush(); err != nil {
			e.runner.config.Logger.Warn("a function's log may be incomplete", "function", e.version.Name, "error", err)
		}
	}
	e.log.end(o)
	return e.result(d, o), nil
}

// result returns the process's own answer if there is one, else the failure that Lambda detected.
func (e *environment) result(d *delivery, o outcome) Result {
	if e.api != nil {
		if payload, failed, answered := e.api.result(d); answered {
			return Result{Payload: payload, Failed: failed}
		}
		if payload := e.api.takeInitError(); len(payload) > 0 {
			return Result{Payload: payload, Failed: true}
		}
	}
	return Result{Payload: o.failure.about(o.requestID).encode(), Failed: true}
}

// initialise waits until the process asks for its first invocation.
func (e *environment) initialise() (*failure, error) {
	timer := time.NewTimer(initTimeout)
	defer timer.Stop()
	select {
	case <-e.api.asked:
		e.initialised = true
		return nil, nil
	case <-e.exited:
		return e.exitFailure()
	case <-timer.C:
		e.kill()
		return timedOut(initTimeout), nil
	case <-e.runner.ctx.Done():
		return nil, context.Cause(e.runner.ctx)
	}
}

// run passes the invocation to the process and waits until it asks for the next one.
func (e *environment) run(d *delivery) (*failure, error) {
	timer := time.NewTimer(e.version.Timeout)
	defer timer.Stop()
	d.deadline = time.Now().Add(e.version.Timeout)
	work := e.api.work
	for {
		select {
		case work <- d:
			work = nil
		case <-e.api.asked:
			return nil, nil
		case <-e.exited:
			return e.exitFailure()
		case <-timer.C:
			e.kill()
			return timedOut(e.version.Timeout), nil
		case <-e.runner.ctx.Done():
			return nil, context.Cause(e.runner.ctx)
		}
	}
}

// kill ends the process so that it does not run after its timeout. stop cleans up.
func (e *environment) kill() {
	if err := killGroup(e.cmd); err != nil {
		e.runner.config.Logger.Warn("killing a function", "function", e.version.Name, "error", err)
	}
	<-e.exited
}

// crash kills the process while it is in use. It returns false if none runs. The running invocation fails, because the process has exited.
func (e *environment) crash() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped || e.cmd == nil {
		return false
	}
	select {
	case <-e.exited:
		return false
	default:
	}
	if err := killGroup(e.cmd); err != nil {
		e.runner.config.Logger.Warn("killing a function", "function", e.version.Name, "error", err)
		return false
	}
	return true
}

// exitFailure returns the failure of a process that ended by itself. It is no failure if Runner.Close killed the process.
func (e *environment) exitFailure() (*failure, error) {
	if err := e.runner.ctx.Err(); err != nil {
		return nil, err
	}
	message := "Runtime exited without providing a reason"
	if e.exit != nil {
		message = "Runtime exited with error: " + e.exit.Error()
	}
	return &failure{Type: typeExit, Message: message}, nil
}

func timedOut(limit time.Duration) *failure {
	return &failure{Type: typeTimeout, Message: fmt.Sprintf("Task timed out after %.2f seconds", limit.Seconds())}
}
