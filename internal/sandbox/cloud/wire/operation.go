// SPDX-License-Identifier: MPL-2.0

package wire

// JSONOperation is one operation of an AWS JSON service. It reads the request and returns the ARNs that the call touches,
// and what carries it out.
type JSONOperation func(r *Request) (resources []string, run func() (any, error), err error)

// JSONInput makes a JSONOperation of a function that takes the decoded input.
func JSONInput[In any](operation func(r *Request, in *In) (resources []string, run func() (any, error))) JSONOperation {
	return func(r *Request) ([]string, func() (any, error), error) {
		in := new(In)
		if err := DecodeJSON(r.Body, in); err != nil {
			return nil, nil, err
		}
		resources, run := operation(r, in)
		return resources, run, nil
	}
}

// JSONCall finds the operation that a request names in X-Amz-Target with the given prefix. actionPrefix is the prefix of the
// service's actions in IAM policies: ssm.
func JSONCall(r *Request, targetPrefix, actionPrefix string, operations map[string]JSONOperation) (*Call, error) {
	name, err := Target(r, targetPrefix)
	if err != nil {
		return nil, err
	}
	operation, found := operations[name]
	if !found {
		return nil, UnknownOperation(name)
	}
	resources, run, err := operation(r)
	return &Call{
		Operation: name,
		Action:    actionPrefix + ":" + name,
		Resources: resources,
		Run: func() (*Response, error) {
			if err != nil {
				return nil, err
			}
			result, err := run()
			if err != nil {
				return nil, err
			}
			return JSONResponse(result)
		},
	}, nil
}
