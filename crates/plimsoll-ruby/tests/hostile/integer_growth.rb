# memory time steps
n = 3
n *= n while true
