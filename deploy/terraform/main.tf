# A skeleton for AWS: a database in private subnets, its password and the installation's secret, and nothing that is public.
# The cluster that deploy/kubernetes is applied to, and the network around both, are expected to be there.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
  }
}

variable "vpc_id" {
  description = "The network of the cluster."
  type        = string
}

variable "private_subnets" {
  description = "At least two subnets without a way in from outside."
  type        = list(string)
}

variable "cluster_security_group" {
  description = "Whose members may reach the database: the cluster's nodes."
  type        = string
}

variable "database_class" {
  description = "The size of the database's machine."
  type        = string
  default     = "db.t4g.medium"
}

resource "random_password" "database" {
  length  = 32
  special = false
}

resource "random_id" "secret" {
  byte_length = 32
}

resource "aws_db_subnet_group" "slipway" {
  name       = "slipway"
  subnet_ids = var.private_subnets
}

resource "aws_security_group" "database" {
  name   = "slipway-database"
  vpc_id = var.vpc_id

  ingress {
    description     = "PostgreSQL from the cluster"
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [var.cluster_security_group]
  }
}

# The server speaks no TLS to PostgreSQL yet, so the database asks for none; the subnets and the security group keep strangers out.
resource "aws_db_parameter_group" "slipway" {
  name   = "slipway"
  family = "postgres17"

  parameter {
    name  = "rds.force_ssl"
    value = "0"
  }
}

resource "aws_db_instance" "slipway" {
  identifier                = "slipway"
  engine                    = "postgres"
  engine_version            = "17"
  instance_class            = var.database_class
  allocated_storage         = 50
  max_allocated_storage     = 500
  storage_encrypted         = true
  multi_az                  = true
  db_name                   = "slipway"
  username                  = "slipway"
  password                  = random_password.database.result
  db_subnet_group_name      = aws_db_subnet_group.slipway.name
  parameter_group_name      = aws_db_parameter_group.slipway.name
  vpc_security_group_ids    = [aws_security_group.database.id]
  publicly_accessible       = false
  backup_retention_period   = 14
  deletion_protection       = true
  skip_final_snapshot       = false
  final_snapshot_identifier = "slipway-last"
}

# What the secret `slipway` of deploy/kubernetes holds.
output "settings" {
  sensitive = true
  value = {
    SLIPWAY_SECRET = random_id.secret.hex
    DATABASE_URL   = "postgres://slipway:${random_password.database.result}@${aws_db_instance.slipway.endpoint}/slipway"
  }
}
