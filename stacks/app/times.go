package app

import "distributed-moodle/internal/generate/environment"

// times are the limits along one request, in seconds, each longer than the one behind it: whoever ends a request is the
// one that works on it. Otherwise a visitor gets a 504 while PHP works on, and clicks again.
type times struct {
	Request   int `json:"request"`   // PHP ends a request; Moodle's lock of a session ends with it
	Gateway   int `json:"gateway"`   // nginx stops waiting for PHP
	Balancer  int `json:"balancer"`  // the load balancer stops waiting for nginx, and closes an idle connection
	KeepAlive int `json:"keepAlive"` // nginx closes an idle connection: if it did so first, some requests would end in a 502
}

// timesOf derives all limits from the one key. The load balancer's idle timeout is from 1 to 4000 seconds, 60 by default
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html); a target must
// keep connections for longer
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html).
func timesOf(env *environment.Environment) times {
	longest := env.Application.LongestRequestSeconds
	return times{Request: longest, Gateway: longest + 10, Balancer: longest + 20, KeepAlive: longest + 30}
}
