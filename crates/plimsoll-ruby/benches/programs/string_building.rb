# Text put together from pieces, taken apart, searched and changed.
text = +""
20_000.times do |n|
  text << "user#{n}:x:#{n + 1000}:100:User #{n}:/home/user#{n}:/bin/bash\n"
end
shells = 0
names = []
text.each_line do |line|
  fields = line.chomp.split(":")
  shells += 1 if fields[6] == "/bin/bash"
  names << fields[0].upcase.sub("USER", "u").strip if line =~ /^user\d+5:/
end
joined = names.join(",").gsub(/u(\d+)/) { "<#{$1}>" }
raise joined.size.to_s unless shells == 20_000 && joined.start_with?("<15>,<25>")
