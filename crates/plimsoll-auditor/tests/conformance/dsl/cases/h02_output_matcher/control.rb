control 'output' do
  describe 'printing' do
    it('a') { expect { print 'o' }.to output('o').to_stdout }
    it('b') { expect { print 'o' }.to output('x').to_stdout }
    it('c') { expect { print 'o' }.not_to output('o').to_stdout }
    it('d') { expect { puts 'line' }.to output(/lin/).to_stdout }
    it('e') { expect { $stderr.puts 'oh' }.to output("oh\n").to_stderr }
    it('f') { expect { $stderr.puts 'oh' }.to output("no\nno\n").to_stderr }
    it('g') { expect { print 'o' }.to output.to_stdout }
    it('h') { expect { }.to output.to_stdout }
    it('i') { expect { }.not_to output.to_stdout }
    it('j') { expect { print 'o' }.not_to output.to_stdout }
    it('k') { expect { }.to output('x').to_stderr }
    it('l') { expect { print 'o' }.to output('x') }
    it('m') { expect { $stdout.puts 1; $stdout.write('z') }.to output("1\nz").to_stdout }
    it('n') { expect { print 'ab' }.to output(a_string_including('b')).to_stdout }
    it('o') { expect { print 'ab' }.to output(a_string_including('c')).to_stdout }
    it('p') { expect { print 'ab' }.to a_block_outputting('x').to_stdout }
    it('q') { expect { print 'ab' }.to output('ab').to_stdout.and output('cd').to_stderr }
    it('r') { expect { raise 'within' }.to output('ab').to_stdout }
    it('s') { expect { print "a\nb\n" }.to output("a\nc\n").to_stdout }
    it { expect { print 'o' }.to output('o').to_stdout }
    it { expect { print 'o' }.to output.to_stdout }
  end
end
