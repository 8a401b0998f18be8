package data

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/iam"
	"github.com/awslabs/goformation/v7/cloudformation/rds"

	"distributed-moodle/internal/generate/template"
)

const engine = "aurora-postgresql"

// The outputs of the root and of this stack about the log group that RDS makes.
const (
	LogGroupOutput      = "DatabaseLogGroup"
	LogGroupDescription = "Log of the database: RDS makes this log group, and no stack deletes it"
	LogDaysOutput       = "DatabaseLogDays"
	LogDaysDescription  = "Days that deploy up lets it be kept"
)

// instanceClass is what makes an Aurora instance Serverless v2.
const instanceClass = "db.serverless"

// addDatabase adds the cluster under a logical id that contains the origin of its data. A cluster that was created
// empty can't be changed into one from a snapshot, so each snapshot has its own logical ids and exports
// (docs/decisions/004-logical-ids.md).
func (b *builder) addDatabase() {
	id := "Database" + b.origin()
	// A cluster that was deleted by mistake can still be restored to any second of its last days.
	cluster := b.Add(id, b.databaseReason(), b.cluster()).Snapshot().Set("DeleteAutomatedBackups", false)
	if s := b.env.Database.AutoPauseSeconds; s > 0 {
		cluster.Set("ServerlessV2ScalingConfiguration.SecondsUntilAutoPause", s)
	}
	monitoring := b.addMonitoringRole()
	b.addInstance(
		id+"Writer", "The instance that takes all writes; a reader in another zone takes over when it fails", 0,
		cluster, monitoring,
	)
	for i := range *b.env.Database.Readers {
		b.addInstance(
			fmt.Sprintf("%sReader%d", id, i+1),
			"Takes over within a minute when the writer fails, and answers read requests until then", i+1, cluster,
			monitoring,
		)
	}
	// RDS makes the log group of a cluster's exported logs itself: as a resource it would collide. deploy up sets its
	// retention, by these names
	// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.CloudWatch.html).
	b.Output(
		LogGroupOutput, LogGroupDescription,
		template.Sub("/aws/rds/cluster/${"+id+"}/postgresql"),
	)
	b.Output(LogDaysOutput, LogDaysDescription, strconv.Itoa(b.env.Database.LogDays))
	b.exported.DatabaseAddress = b.Export(
		id+"Address", "Host name of the database's writer", cluster.GetAtt("Endpoint.Address"),
	)
	b.exported.DatabaseReaderAddress = b.Export(
		id+"ReaderAddress", "Host name of the database's readers", cluster.GetAtt("ReadEndpoint.Address"),
	)
	b.exported.DatabaseMasterSecret = b.Export(
		id+"MasterSecretArn", "Master user, kept and rotated by RDS", cluster.GetAtt("MasterUserSecret.SecretArn"),
	)
}

// origin returns "" for a cluster that is created empty, and otherwise identifies the snapshot in the characters of a
// logical id: by the first eight digits of its ARN's SHA-256.
func (b *builder) origin() string {
	if b.env.Database.Snapshot == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(b.env.Database.Snapshot))
	return fmt.Sprintf("FromSnapshot%x", sum[:4])
}

func (b *builder) databaseReason() string {
	why := "Courses, grades, users. Aurora Serverless v2 scales with the load; a last snapshot is taken when the cluster is deleted"
	if b.env.Database.Snapshot != "" {
		why += ". It was restored from a snapshot, whose ARN must stay here: without it CloudFormation creates a new, empty database"
	}
	return why
}

func (b *builder) cluster() *rds.DBCluster {
	d := b.env.Database
	c := &rds.DBCluster{
		BackupRetentionPeriod:           new(d.BackupDays),
		CopyTagsToSnapshot:              new(true),
		DBClusterParameterGroupName:     new(b.addParameterGroup().Ref()),
		DBSubnetGroupName:               new(b.addSubnetGroup().Ref()),
		DeletionProtection:              new(b.env.Production),
		EnableCloudwatchLogsExports:     []string{"postgresql"},
		EnableIAMDatabaseAuthentication: new(true),
		Engine:                          new(engine),
		EngineVersion:                   new(d.Version),
		KmsKeyId:                        new(b.key.GetAtt("Arn")),
		PreferredBackupWindow:           new(d.BackupWindow),
		PreferredMaintenanceWindow:      new(d.MaintenanceWindow),
		ServerlessV2ScalingConfiguration: &rds.DBCluster_ServerlessV2ScalingConfiguration{
			MaxCapacity: d.Capacity.Maximum,
			MinCapacity: d.Capacity.Minimum,
		},
		StorageEncrypted:    new(true),
		Tags:                template.Name(b.env.Site),
		VpcSecurityGroupIds: []string{b.net.DatabaseSecurityGroup.Value()},
	}
	// RDS keeps the master's password and rotates it. A cluster from a snapshot keeps its master user.
	c.ManageMasterUserPassword = new(true)
	c.MasterUserSecret = &rds.DBCluster_MasterUserSecret{KmsKeyId: new(b.key.GetAtt("Arn"))}
	if d.Snapshot != "" {
		c.SnapshotIdentifier = new(d.Snapshot)
		return c
	}
	c.MasterUsername = new("master_of_moodle")
	return c
}

func (b *builder) addSubnetGroup() *template.Resource {
	return b.Add(
		"DatabaseSubnets",
		"Spreads writer and readers over zones, in subnets without a route to the internet",
		&rds.DBSubnetGroup{
			DBSubnetGroupDescription: "Data subnets of " + b.env.Site + ", without a route to the internet",
			SubnetIds:                template.Values(b.net.DataSubnets),
		},
	)
}

// addParameterGroup sets what Aurora does not set by default. Logged statements may contain personal data: only slow
// ones are logged, without their parameters
// (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Reference.ParameterGroups.html).
func (b *builder) addParameterGroup() *template.Resource {
	major, _, _ := strings.Cut(b.env.Database.Version, ".")
	return b.Add(
		"DatabaseParameters",
		"Requires TLS for every connection, and logs statements slower than two seconds",
		&rds.DBClusterParameterGroup{
			Description: "Settings of the database cluster of " + b.env.Site, // another description would replace the group
			Family:      engine + major,
			Parameters: map[string]string{
				"log_min_duration_statement": "2000",
				"log_parameter_max_length":   "0",
				"rds.force_ssl":              "1",
			},
		},
	)
}

func (b *builder) addMonitoringRole() *template.Resource {
	return b.Add(
		"DatabaseMonitoringRole",
		"Lets RDS write the metrics of the database's operating system (enhanced monitoring) once a minute",
		&iam.Role{
			AssumeRolePolicyDocument: template.TrustService("monitoring.rds.amazonaws.com"),
			Policies: []iam.Role_Policy{{PolicyName: "write-enhanced-monitoring", PolicyDocument: template.PolicyOf(
				template.Statement{
					Effect: "Allow",
					Action: []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"},
					Resource: template.Sub(
						"arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:RDS*",
					),
				},
				template.Statement{
					Effect: "Allow",
					Action: []string{
						"logs:CreateLogStream",
						"logs:DescribeLogStreams",
						"logs:GetLogEvents",
						"logs:PutLogEvents",
					},
					Resource: template.Sub(
						"arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:RDS*:log-stream:*",
					),
				},
			)}},
		},
	)
}

// addInstance adds one instance of the cluster. tier is its failover priority: 0 and 1 scale with the writer's
// capacity.
func (b *builder) addInstance(id, why string, tier int, cluster, monitoring *template.Resource) {
	b.Add(id, why, &rds.DBInstance{
		// Minor engine upgrades restart the database, so they wait for the maintenance window; what they mean for the
		// EngineVersion of the template: docs/decisions/005-minor-upgrades.md.
		AutoMinorVersionUpgrade:            b.env.Database.MinorUpgrades,
		AvailabilityZone:                   new(b.env.Network.Zones[tier%len(b.env.Network.Zones)]),
		DBClusterIdentifier:                new(cluster.Ref()),
		DBInstanceClass:                    new(instanceClass),
		EnablePerformanceInsights:          new(true),
		Engine:                             new(engine),
		MonitoringInterval:                 new(60),
		MonitoringRoleArn:                  new(monitoring.GetAtt("Arn")),
		PerformanceInsightsKMSKeyId:        new(b.key.GetAtt("Arn")),
		PerformanceInsightsRetentionPeriod: new(7),
		PreferredMaintenanceWindow:         new(b.env.Database.InstanceWindow(tier)),
		PromotionTier:                      new(min(tier, 1)),
		PubliclyAccessible:                 new(false),
		Tags:                               template.Name(b.env.Site),
	}).Disposable().Accept("W3010", "the order of !GetAZs can change, and another zone would replace the instance")
}
