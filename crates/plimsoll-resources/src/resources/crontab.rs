//! `crontab`: what cron runs.
