package stack

import "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

// pageMethod is the key of the stage's settings for the page. Whoever finds the chain's URL can open it, and each time invokes the function:
// so it has a limit of its own, which leaves the events and the callers with a key alone.
const pageMethod = pagePart + "/GET"

// pageThrottle is far more than people open the page.
var pageThrottle = Throttle{RateLimit: 5, BurstLimit: 20}

// pageThrottleChange is what differs of the limit for the page; nil when nothing does.
func (c *stage) pageThrottleChange() *settingChange {
	have := throttleOf(c.seen.MethodSettings[pageMethod])
	if have != nil && *have == pageThrottle {
		return nil
	}
	words := orNone("")
	if have != nil {
		words = have.String()
	}
	return &settingChange{Difference{"stage.page_throttle", words, pageThrottle.String()}, pageThrottle.patches(pageMethod)}
}

// throttleOf is the limit in a method's settings, or nil when there is none. API Gateway shows a limit that is not set as zero or -1.
func throttleOf(have types.MethodSetting) *Throttle {
	if have.ThrottlingRateLimit <= 0 && have.ThrottlingBurstLimit <= 0 {
		return nil
	}
	return &Throttle{RateLimit: have.ThrottlingRateLimit, BurstLimit: have.ThrottlingBurstLimit}
}
