// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// kind is the kind of a place.
type kind string

const (
	reality     kind = "AWS and Qlik Cloud"
	emulated    kind = "an emulator of AWS and a loopback Qlik tenant"
	ownSandbox  kind = "the built-in sandbox"
	reloadTakes      = 300 * time.Millisecond // in the sandbox
)

// place is where a chain's life is played.
type place struct {
	kind        kind
	environment []string // of terraform: NAME=value
	aws         aws.Config
	qlik        qlik.Config
	close       func() error

	// What the credentials lead to.
	region, partition, account string
	tenantID                   string
	admin                      bool // whether the Qlik Cloud user reports the role TenantAdmin
}

// local reports whether nothing leaves the machine.
func (p *place) local() bool { return p.kind != reality }

// startSandbox returns a place on this machine only.
func startSandbox(ctx context.Context, root string) (*place, error) {
	// An interrupt ends the life, and then what was made is removed: the sandbox goes on until it is closed.
	s, err := sandbox.Start(context.WithoutCancel(ctx), sandbox.Config{
		Cloud: cloud.Config{Lambda: function.Config{
			PendingFor: 200 * time.Millisecond, UpdateFor: 200 * time.Millisecond, HostBootstrap: filepath.Join(root, "bin", "bootstrap"),
		}},
		Tenant: tenant.Config{ReloadDuration: reloadTakes},
	})
	if err != nil {
		return nil, err
	}
	return &place{
		kind: ownSandbox, environment: s.Environment(), aws: s.AWS(), close: s.Close,
		qlik: qlik.Config{TenantURL: s.Tenant.URL(), Credentials: qlik.Credentials{APIKey: s.Tenant.APIKey()}},
	}, nil
}

// findPlace returns the place that the environment's variables lead to.
func findPlace(ctx context.Context) (*place, error) {
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot read the AWS settings: %w. Set AWS_REGION and AWS credentials, or AWS_PROFILE", err)
	}
	if loaded.Region == "" {
		return nil, errors.New("no AWS region is set. Set AWS_REGION")
	}
	p := &place{
		kind: reality, aws: loaded, close: func() error { return nil }, environment: passedOn(os.Environ()),
		qlik: qlik.Config{TenantURL: os.Getenv("QLIK_TENANT_URL"), Credentials: qlik.Credentials{
			APIKey: os.Getenv("QLIK_API_KEY"), ClientID: os.Getenv("QLIK_CLIENT_ID"), ClientSecret: os.Getenv("QLIK_CLIENT_SECRET"),
		}},
	}
	p.assumeRole()
	emulator := emulatorAmong(append(endpoints(os.Environ()), aws.ToString(loaded.BaseEndpoint)))
	if emulator != "" {
		p.kind = emulated
	}
	if emulator != "" && p.qlik.TenantURL == "" {
		return p, p.addTenant(ctx)
	}
	return p, checkKinds(emulator, p.qlik.TenantURL)
}

// assumeRole assumes the role that the provider assumes.
func (p *place) assumeRole() {
	role := os.Getenv("QLIK_AWS_ASSUME_ROLE_ARN")
	if role == "" {
		return
	}
	provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(p.aws), role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = cmp.Or(os.Getenv("QLIK_AWS_ASSUME_ROLE_SESSION_NAME"), "verify-cloud")
		if id := os.Getenv("QLIK_AWS_ASSUME_ROLE_EXTERNAL_ID"); id != "" {
			o.ExternalID = aws.String(id)
		}
	})
	p.aws.Credentials = aws.NewCredentialsCache(provider)
}

// addTenant starts the sandbox's tenant beside an emulator.
func (p *place) addTenant(ctx context.Context) error {
	t, err := tenant.Start(context.WithoutCancel(ctx), tenant.Config{ReloadDuration: reloadTakes})
	if err != nil {
		return err
	}
	p.qlik = qlik.Config{TenantURL: t.URL(), Credentials: qlik.Credentials{APIKey: t.APIKey()}}
	p.environment = append(p.environment, "QLIK_TENANT_URL="+t.URL(), "QLIK_API_KEY="+t.APIKey(), "QLIK_CLIENT_ID=", "QLIK_CLIENT_SECRET=")
	p.close = func() error {
		t.Close()
		return nil
	}
	return nil
}

// passedOn returns the variables that AWS's and Qlik Cloud's clients read. workspace.New excludes others with these prefixes.
func passedOn(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		return !slices.ContainsFunc([]string{"AWS_", "QLIK_", "TF_AWS_DEFAULT_TAGS_"},
			func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
	})
}

// endpoints returns the URLs that the SDKs call instead of AWS's own
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
func endpoints(environment []string) []string {
	var all []string
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		switch {
		case name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" && strings.EqualFold(value, "true"):
			return nil
		case name == "AWS_ENDPOINT_URL" || strings.HasPrefix(name, "AWS_ENDPOINT_URL_"):
			all = append(all, value)
		}
	}
	return all
}

// emulatorAmong returns the first of the URLs that does not belong to AWS.
func emulatorAmong(urls []string) string {
	for _, text := range urls {
		u, err := url.Parse(text)
		if text == "" || err == nil && slices.ContainsFunc([]string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws"}, func(suffix string) bool {
			return strings.HasSuffix(u.Hostname(), suffix)
		}) {
			continue
		}
		return text
	}
	return ""
}

// checkKinds refuses a mix of reality and emulation. No request has been sent yet.
func checkKinds(emulator, tenantURL string) error {
	if tenantURL == "" {
		return errors.New("no Qlik Cloud tenant is set. Set QLIK_TENANT_URL, and QLIK_API_KEY or QLIK_CLIENT_ID and QLIK_CLIENT_SECRET; " +
			"or try the command with -sandbox, which needs no account and no tenant")
	}
	if err := qlik.ValidateTenantURL(tenantURL); err != nil {
		return fmt.Errorf("QLIK_TENANT_URL is wrong: %w", err)
	}
	u, err := url.Parse(tenantURL)
	if err != nil {
		return err
	}
	switch near := qlik.IsLoopback(u.Hostname()); {
	case emulator == "" && near:
		return fmt.Errorf("the tenant %s is on this machine, and the AWS credentials lead to AWS: a function there cannot reach it. "+
			"Set QLIK_TENANT_URL to a real tenant, or AWS_ENDPOINT_URL to an emulator", tenantURL)
	case emulator != "" && !near:
		return fmt.Errorf("the tenant %s is a real one, and AWS is an emulator at %s, which Qlik Cloud cannot deliver events to. "+
			"Unset AWS_ENDPOINT_URL to use AWS, or QLIK_TENANT_URL to use the sandbox's tenant", tenantURL, emulator)
	default:
		return nil
	}
}

// identify asks both services for the owner of the credentials, before anything is made.
func (p *place) identify(ctx context.Context) error {
	caller, err := sts.NewFromConfig(p.aws).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("cannot find out who the AWS credentials belong to: %w. Set AWS credentials that are valid", err)
	}
	identity, err := arn.Parse(aws.ToString(caller.Arn))
	if err != nil {
		return fmt.Errorf("AWS names the caller %q, which is no ARN: %w", aws.ToString(caller.Arn), err)
	}
	p.region, p.partition, p.account = p.aws.Region, identity.Partition, aws.ToString(caller.Account)
	client, err := qlik.NewClient(p.qlik)
	if err != nil {
		return err
	}
	me, err := client.Me(ctx)
	if err != nil {
		return err
	}
	p.tenantID, p.admin = me.TenantID, me.HasRole(qlik.RoleTenantAdmin)
	return nil
}
