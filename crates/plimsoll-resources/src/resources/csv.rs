//! `csv`: a file of comma separated values.
