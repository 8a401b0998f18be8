// Package condition has the one table of what each status of a site's root stack means, what to do about it, and what
// deploy recover does.
//
// Whoever meets a status takes its words from here: an error of deploy up advises what deploy recover then shows.
package condition

import (
	"strings"

	"distributed-moodle/internal/cfn/status"
)

// Action is what deploy recover does with a stack: an operation of CloudFormation's API, or nothing.
type Action string

// The actions.
const (
	None                   Action = "none"                   // a deployment can start from here
	Watch                  Action = "watch"                  // an operation is running
	Refuse                 Action = "refuse"                 // somebody else's change set waits, or the status is unknown
	DeleteStack            Action = "DeleteStack"            // nothing of it can be used
	RollbackAndDeleteStack Action = "RollbackAndDeleteStack" // of a creation that failed and was not rolled back
	RollbackStack          Action = "RollbackStack"          // of an update that failed and was not rolled back
	ContinueUpdateRollback Action = "ContinueUpdateRollback"
)

// Deletes reports whether the stack does not exist after the action.
func (a Action) Deletes() bool { return a == DeleteStack || a == RollbackAndDeleteStack }

// Condition is what a status means, and what to do about it.
type Condition struct {
	Meaning string
	Action  Action
	Steps   []string // what deploy recover does, in order
	Next    string   // what a person does afterwards; "" when that is nothing
	Advice  string   // what an error says that met the status: which command is the way out
}

// The placeholders of the table: what names the site to a command that deploys nothing, and to deploy up, which needs
// an environment.
const (
	environment = "ENVIRONMENT"
	toDeploy    = "TO-DEPLOY"
)

const createAgain = "then create it again with: deploy up " + toDeploy

var table = map[status.Status]Condition{
	"": {
		Meaning: "there is no stack", Action: None, Next: "create it with: deploy up " + toDeploy,
	},
	status.ReviewInProgress: {
		Meaning: "it was planned and never created; there is nothing in it", Action: DeleteStack,
		Steps: []string{"delete the empty stack"},
	},
	status.RollbackComplete: {
		Meaning: "its creation failed and was rolled back; nothing of it runs, and it can't be updated",
		Action:  DeleteStack,
		Steps:   []string{"delete the empty stack"},
		Next:    createAgain,
		Advice:  "delete the empty stack with deploy recover " + environment + ", then run deploy up again",
	},
	status.CreateFailed: {
		Meaning: "its creation failed and was not rolled back", Action: RollbackAndDeleteStack,
		Steps: []string{
			"roll the creation back: only that also deletes what is otherwise retained (DeletionPolicy RetainExceptOnCreate)",
			"delete the empty stack",
		},
		Next:   createAgain,
		Advice: "roll it back and delete the stack with deploy recover " + environment + ", then run deploy up again",
	},
	status.RollbackFailed: {
		Meaning: "its creation failed, and so did the rollback: not everything could be deleted", Action: DeleteStack,
		Steps:  []string{"delete the stack with what is left of it"},
		Next:   createAgain,
		Advice: "see what could not be deleted, and delete the stack, with deploy recover " + environment + "; then run deploy up again",
	},
	status.DeleteFailed: {
		Meaning: "its deletion failed: not everything could be deleted", Action: DeleteStack,
		Steps:  []string{"delete the stack again"},
		Next:   createAgain,
		Advice: "see what could not be deleted, and delete the stack, with deploy recover " + environment + ", or run deploy destroy again",
	},
	status.UpdateFailed: {
		Meaning: "an update failed and was not rolled back", Action: RollbackStack,
		Steps:  []string{"roll the update back: the site becomes what it was before"},
		Advice: "roll it back with deploy recover " + environment,
	},
	status.UpdateRollbackFailed: {
		Meaning: "an update failed, and so did its rollback", Action: ContinueUpdateRollback,
		Steps:  []string{"continue the rollback, trying again what failed"},
		Advice: "see what failed, and continue the rollback, with deploy recover " + environment,
	},
}

var (
	healthy = Condition{Meaning: "nothing is wrong with it; a deployment can start from here", Action: None}
	running = Condition{
		Meaning: "an operation is running", Action: Watch,
		Next:   "follow it with: deploy watch " + environment,
		Advice: "wait until it has ended (deploy watch " + environment + " follows it), then try again",
	}
	unknown = Condition{
		Meaning: "this program does not know that status", Action: Refuse,
		Next:   "look at it with deploy status " + environment + ", and in the CloudFormation console",
		Advice: "look at it with deploy status " + environment + ", and in the CloudFormation console",
	}
)

// Of returns the condition of a root stack, with the environment's name in its commands. Where there is no environment,
// name is what names the site instead: flags.
func Of(s status.Status, name string) Condition {
	c, ok := table[s]
	switch {
	case ok:
	case s.Updatable():
		c = healthy
	case s.InProgress():
		c = running
	default:
		c = unknown
	}
	names := strings.NewReplacer(environment, name, toDeploy, name)
	if strings.HasPrefix(name, "--") {
		names = strings.NewReplacer(environment, name, toDeploy, environment)
	}
	c.Next = names.Replace(c.Next)
	c.Advice = names.Replace(c.Advice)
	c.Steps = append([]string(nil), c.Steps...)
	return c
}
