require 'set'
require 'date'
require 'time'
require 'bigdecimal'
Point = Struct.new(:x, :y)
Named = Struct.new(:a, :b, keyword_init: true)
class Own; def inspect = 'OWN'; end
values = {
  long: (1..150).to_a,
  longtext: 'abc' * 120,
  lines: "one\ntwo\nthree",
  sym: :'with space',
  range: (1..3), excl: ('a'...'c'),
  struct: Point.new(1, [2]), named: Named.new(a: 1, b: nil),
  set: Set[1, :a, 'b'],
  klass: String, mod: Comparable,
  rx: /a\/b#{1}/im,
  err: ArgumentError.new('bad'), 
  own: Own.new,
  time: Time.at(1_700_000_000, 123_456, :usec).utc,
  time2: Time.new(2024, 2, 29, 12, 30, 15.5, '+02:00'),
  date: Date.new(2024, 2, 29), dt: DateTime.new(2024, 2, 29, 1, 2, 3),
  big: BigDecimal('1.50'), rat: 3r / 4, cpx: Complex(1, 2), int: 2**70,
  floats: [1.0, 1e20, 1e-5, 0.1 + 0.2, -0.0, 1e16, 123456789012345.0],
  hash: { a: 1, 'b' => [nil, true], 3 => { c: :d } },
  nested: [[1, [2, [3, {}]]], []],
  utf: "häß☃", esc: "tab\t del\x7f esc\e \#{x} \#$y #a",
  nilv: nil, t: true, f: false, empty: '', ea: [], eh: {},
  enum: [1, 2].each,
  sym2: %i[a b= c? []],
  times: [Time.at(0).utc], dates: { Date.new(2000, 1, 1) => Date.new(2000, 1, 2) },
}
values.each do |name, value|
  control "v-#{name}" do
    describe(name.to_s) do
      subject { value }
      it { should eq 'other' }
      it { should cmp 'other' }
      it { should include 'zzz' }
      it { should match 'zzz' }
      it { should be > 5 }
      it { should match_array [1] }
      it { should have_attributes(size: 99) }
    end
    describe 'expected side' do
      subject { 1 }
      it { should eq value }
      it { should cmp value }
      it { should be_in value }
      it { should include value }
      it { should match value } unless name.to_s.start_with?('time')
      it { should contain_exactly value }
      it { should start_with value }
    end
  end
end
