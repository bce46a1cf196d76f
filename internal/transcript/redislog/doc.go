// Package redislog keeps sessions in Redis.
package redislog
