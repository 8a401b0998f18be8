package app

import (
	_ "embed"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"

	"distributed-moodle/internal/generate/template"
	"distributed-moodle/internal/manifest"
)

// ubuntu is Canonical's public parameter with the newest image of Ubuntu 24.04
// (https://documentation.ubuntu.com/aws/en/latest/aws-how-to/instances/find-ubuntu-images/). CloudFormation replaces the
// reference with the image's id whenever it updates the launch template, not at a launch
// (docs/decisions/006-latest-image.md).
const ubuntu = "{{resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/ARCH/hvm/ebs-gp3/ami-id}}"

//go:embed user-data.sh
var userData string

// awsFunctions is part of the user data and of the bundle: the boot's steps call AWS as the user data does.
//
//go:embed node/aws.sh
var awsFunctions string

func (b *builder) addLaunchTemplate() {
	b.launchTemplate = b.Add("NodeTemplate", b.imageReason(), &ec2.LaunchTemplate{
		LaunchTemplateData: &ec2.LaunchTemplate_LaunchTemplateData{
			BlockDeviceMappings: []ec2.LaunchTemplate_BlockDeviceMapping{{
				DeviceName: new("/dev/sda1"),
				// The account's own EBS key: the site's key would need a grant that a new account lacks, and instances
				// would terminate at launch without an error message.
				Ebs: &ec2.LaunchTemplate_Ebs{
					DeleteOnTermination: new(true),
					Encrypted:           new(true),
					VolumeSize:          new(b.env.Application.VolumeGiB),
					VolumeType:          new("gp3"),
				},
			}},
			EbsOptimized:       new(true),
			IamInstanceProfile: &ec2.LaunchTemplate_IamInstanceProfile{Arn: new(b.profile.GetAtt("Arn"))},
			ImageId:            new(b.image()),
			InstanceType:       new(b.env.Application.InstanceTypes[0]),
			MetadataOptions: &ec2.LaunchTemplate_MetadataOptions{
				HttpEndpoint: new("enabled"), HttpPutResponseHopLimit: new(1), HttpTokens: new("required"),
			},
			Monitoring: &ec2.LaunchTemplate_Monitoring{Enabled: new(true)},
			NetworkInterfaces: []ec2.LaunchTemplate_NetworkInterface{{
				AssociatePublicIpAddress: new(false), DeviceIndex: new(0),
				Groups: []string{b.net.ApplicationSecurityGroup.Value()},
			}},
			TagSpecifications: []ec2.LaunchTemplate_TagSpecification{
				{ResourceType: new("volume"), Tags: template.Name(b.name("node"))},
			},
			UserData: new(b.userData()),
		},
	})
}

func (b *builder) imageReason() string {
	if b.env.Application.AMI == "latest" {
		return "CloudFormation looks up the newest Ubuntu 24.04 when this template changes, and every node starts from it until the next change. Nobody has reviewed it: set application.ami to an image's id to pin it"
	}
	return "Every node starts from the same image"
}

func (b *builder) image() string {
	if ami := b.env.Application.AMI; ami != "latest" {
		return ami
	}
	return strings.Replace(ubuntu, "ARCH", b.env.Application.Architecture, 1)
}

// userData returns the script user-data.sh, preceded by the settings that only CloudFormation knows. The ${…} of the
// script are not CloudFormation's.
func (b *builder) userData() string {
	values := map[string]string{
		"FileSystem":         b.store.FileSystem.Value(),
		"AccessPoint":        b.store.AccessPoint.Value(),
		"DatabaseHost":       b.store.DatabaseAddress.Value(),
		"DatabaseReaderHost": b.store.DatabaseReaderAddress.Value(),
		"DatabaseMaster":     b.store.DatabaseMasterSecret.Value(),
		"DatabaseRole":       b.store.DatabaseSecret.Value(),
		"Administrator":      b.store.AdministratorSecret.Value(),
	}
	settings := []string{
		"REGION=${AWS::Region}",
		"DNS_SUFFIX=${AWS::URLSuffix}",
		"STACK=${AWS::StackId}",
		"GROUP=" + groupID,
		"BUCKET=" + manifest.BucketInTemplate(b.env.Site),
		"BUNDLE=" + b.bundle,
		"ADDRESS=" + b.nodeAddress(),
		"LOG_GROUP=${NodeLogs}",
		"FILE_SYSTEM=${FileSystem}",
		"ACCESS_POINT=${AccessPoint}",
		"DATABASE_HOST=${DatabaseHost}",
		"DATABASE_READER_HOST=${DatabaseReaderHost}",
		"DATABASE_MASTER_SECRET=${DatabaseMaster}",
		"DATABASE_SECRET=${DatabaseRole}",
		"ADMINISTRATOR_SECRET=${Administrator}",
	}
	if b.store.CacheAddress.Given() {
		values["CacheHost"], values["CacheToken"] = b.store.CacheAddress.Value(), b.store.CacheSecret.Value()
		settings = append(settings, "CACHE_HOST=${CacheHost}", "CACHE_SECRET=${CacheToken}")
	}
	script := strings.Replace(userData, "# AWS\n", awsFunctions, 1)
	script = strings.ReplaceAll(script, "${", "${!")
	text := strings.Replace(script, "# SETTINGS\n", strings.Join(settings, "\n")+"\n", 1)
	return template.Base64(template.SubWith(text, values))
}

func (b *builder) nodeAddress() string {
	if b.env.Domain.Name != "" {
		return "https://" + b.env.Domain.Name
	}
	return "http://${LoadBalancer.DNSName}"
}
