# Records grouped, counted, merged and sorted, as profiles do with what a command listed.
records = Array.new(30_000) { |n| { name: "file#{n}", mode: n % 512, owner: "user#{n % 50}", size: n * 17 % 4096 } }
by_owner = records.group_by { |r| r[:owner] }
totals = by_owner.transform_values { |list| list.sum { |r| r[:size] } }
counts = Hash.new(0)
records.each { |r| counts[r[:mode]] += 1 }
index = {}
records.each { |r| index[r[:name]] = r }
found = 0
30_000.times { |n| found += 1 if index.key?("file#{n * 2}") }
largest = totals.sort_by { |owner, size| [-size, owner] }.first(3).to_h
merged = totals.merge(largest) { |_owner, a, b| a + b }
raise "#{found} #{counts.size} #{merged.size}" unless found == 15_000 && counts.size == 512 && merged.size == 50
