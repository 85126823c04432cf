control 'state' do
  describe [1, 2] do
    it { should show_another_actual '1,2' }
    it { should show_another_actual '1,3' }
    it { should_not show_another_actual '1,2' }
    it { should read_its_state }
    it { should read_its_state 1 }
    it { should read_its_state 1, :b }
  end
  describe 5 do
    it { should add_to_the_default 6 }
    it { should_not add_to_the_default 5 }
    it { should add_to_the_default 5 }
  end
end
control 'errors' do
  describe ArgumentError.new('wrong') do
    it { should keep_the_error }
    it { should_not keep_the_error }
  end
  describe IOError.new('other') do
    it { should keep_the_error }
  end
  describe false do
    it { should hold_when_nothing_is_raised }
  end
  describe true do
    it { should hold_when_nothing_is_raised }
    it { should_not hold_when_nothing_is_raised }
    it { should raise_of_its_own }
  end
  describe 2 do
    it { should tell_the_inner_failure }
    it { should_not tell_the_inner_failure }
    it { should hide_the_inner_failure }
    it { should_not hide_the_inner_failure }
  end
end
control 'forms' do
  describe 4 do
    it { should use_its_block { |x| x == 4 } }
    it { should(use_its_block { |x| x == 5 }) }
    it { should tell_the_old_way 4 }
    it { should tell_the_old_way 5 }
    it { should_not tell_the_old_way 4 }
    it { should define_a_method_itself 2 }
    it { should define_a_method_itself(3).and_by(7, 8) }
    it { should wrap_the_actual 3 }
    it { should wrap_the_actual 4 }
    it { should_not wrap_the_actual 3 }
    it { should inspect_itself }
  end
  describe [1, 2, 3] do
    it { should chain_in_order.first_then(1, 2).first_then(3) }
    it { should chain_in_order.first_then(2) }
  end
  describe [1, 2, 3] do
    it { should take_options 1 }
    it { should take_options 1, 2, c: 4 }
    it { should all(be_an(Integer).and(be < 3)) }
    it { should include(satisfy('be odd', &:odd?)) }
  end
end
