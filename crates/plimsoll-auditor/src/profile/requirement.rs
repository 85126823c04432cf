//! Requirements on versions, as inspec.yml writes them: `~> 5.0`, `>= 4.2, < 6`.

use std::cmp::Ordering;

/// Whether a version meets a requirement; the error says what is wrong with the requirement or the version.
pub(crate) fn is_met(requirement: &str, version: &str) -> Result<bool, String> {
    let version = parse(version)?;
    for part in requirement.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (operator, wanted) = split(part);
        let wanted_version = parse(wanted)?;
        let order = compare(&version, &wanted_version);
        let met = match operator {
            "=" => order == Ordering::Equal,
            "!=" => order != Ordering::Equal,
            ">" => order == Ordering::Greater,
            "<" => order == Ordering::Less,
            ">=" => order != Ordering::Less,
            "<=" => order != Ordering::Greater,
            // `~> 2.3` takes 2.x from 2.3 on, `~> 2.3.1` takes 2.3.x from 2.3.1 on.
            _ => {
                let fixed = wanted_version.len().saturating_sub(1).max(1);
                let prefix = |version: &[u64]| (0..fixed).map(|at| part_at(version, at)).collect::<Vec<_>>();
                order != Ordering::Less && prefix(&version) == prefix(&wanted_version)
            }
        };
        if !met {
            return Ok(false);
        }
    }
    Ok(true)
}

fn split(part: &str) -> (&str, &str) {
    let operators = ["~>", ">=", "<=", "!=", "=", ">", "<"];
    let found = operators.iter().find_map(|operator| Some((*operator, part.strip_prefix(operator)?)));
    let (operator, wanted) = found.unwrap_or(("=", part));
    (operator, wanted.trim())
}

/// The numbers of a version; what follows a `-` or `+` is left out.
fn parse(version: &str) -> Result<Vec<u64>, String> {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Result<Vec<u64>, _> = release.split('.').map(|number| number.trim().parse()).collect();
    numbers.map_err(|_| format!("`{version}` is no version number"))
}

fn part_at(version: &[u64], at: usize) -> u64 {
    version.get(at).copied().unwrap_or_default()
}

fn compare(a: &[u64], b: &[u64]) -> Ordering {
    let parts = 0..a.len().max(b.len());
    parts.map(|at| part_at(a, at).cmp(&part_at(b, at))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::is_met;

    #[test]
    fn requirements_are_held_against_versions() {
        let version = "5.22.95";
        for met in ["~> 5.0", "~> 5", "~> 5.22.3", ">= 4.2, < 6", "= 5.22.95", "5.22.95.0", "!= 5", "<= 5.22.95", ""] {
            assert_eq!(is_met(met, version), Ok(true), "{met}");
        }
        for unmet in ["~> 99.0", "~> 5.23", "~> 4", "> 5.22.95", ">= 4, < 5", "5.22"] {
            assert_eq!(is_met(unmet, version), Ok(false), "{unmet}");
        }
        assert!(is_met("about 5", version).is_err());
    }
}
