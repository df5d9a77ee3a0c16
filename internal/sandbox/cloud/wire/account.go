// SPDX-License-Identifier: MPL-2.0

package wire

import "strings"

// Account is an AWS account in one region. It builds ARNs.
type Account struct {
	ID     string // twelve digits
	Region string
}

// Partition is one of the separate clouds that make up AWS.
type Partition struct {
	ID           string // as in an ARN: aws, aws-cn, aws-us-gov
	DNSSuffix    string // amazonaws.com
	GlobalRegion string // the region that requests to the global endpoints (IAM, STS) are signed for
}

// PartitionOf returns the partition that a region belongs to.
func PartitionOf(region string) Partition {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return Partition{ID: "aws-cn", DNSSuffix: "amazonaws.com.cn", GlobalRegion: "cn-north-1"}
	case strings.HasPrefix(region, "us-gov-"):
		return Partition{ID: "aws-us-gov", DNSSuffix: "amazonaws.com", GlobalRegion: "us-gov-west-1"}
	default:
		return Partition{ID: "aws", DNSSuffix: "amazonaws.com", GlobalRegion: "us-east-1"}
	}
}

// Partition returns the partition of the account's region.
func (a Account) Partition() Partition { return PartitionOf(a.Region) }

// ARN names a resource of a regional service: arn:aws:ssm:eu-central-1:123456789012:parameter/x.
func (a Account) ARN(service, resource string) string {
	return strings.Join([]string{"arn", a.Partition().ID, service, a.Region, a.ID, resource}, ":")
}

// KeyUse returns the condition context of KMS when a service uses a key for its caller: the service and the encryption context. encryption
// may be nil. Source: AWS KMS Developer Guide, "AWS KMS condition keys".
func (a Account) KeyUse(service string, encryption map[string]string) map[string]string {
	known := map[string]string{"kms:viaservice": strings.Join([]string{service, a.Region, a.Partition().DNSSuffix}, ".")}
	for key, value := range encryption {
		known["kms:encryptioncontext:"+strings.ToLower(key)] = value
	}
	return known
}

// GlobalARN names a resource of a service without regions: arn:aws:iam::123456789012:role/x.
func (a Account) GlobalARN(service, resource string) string {
	return strings.Join([]string{"arn", a.Partition().ID, service, "", a.ID, resource}, ":")
}
