#include "supervision/dynamic_spec.hpp"

#include "supervision/nursery.hpp"

#include <stdexcept>

namespace beamline::supervision {

namespace {

error bad_flag(std::string_view field, std::string_view value, std::string_view expected) {
  return {errc::invalid, "supervisor_data: " + std::string{field} + " is " + std::string{value}
                             + ", but a dynamic supervisor only knows " + std::string{expected} + " (bad_combination)"};
}

}  // namespace

void detail::throw_wrong_arguments(const std::type_info& wanted, const std::type_info& got) {
  throw std::invalid_argument{"wrong arguments for an instance: the template wants " + readable_name(wanted)
                              + ", start_instance brought " + readable_name(got) + "; build it with instance(...)"};
}

result<void> check_dynamic_child(const child_spec& s) {
  if (auto ok = check_child_spec(s); !ok)
    return ok;
  if (s.significant)
    return error{errc::invalid,
                 "child \"" + s.id
                     + "\": significant is true, but a dynamic supervisor has no auto_shutdown; leave it "
                       "false (bad_combination)"};
  return {};
}

result<void> check_dynamic_spec(const dynamic_supervisor_spec& s) {
  if (auto ok = check_flags(s.flags); !ok)
    return ok;
  if (s.flags.strategy != strategy::one_for_one)
    return bad_flag("strategy", to_string(s.flags.strategy), "one_for_one");
  if (s.flags.auto_shutdown != auto_shutdown::never)
    return bad_flag("auto_shutdown", to_string(s.flags.auto_shutdown), "never");
  if (!s.instances)
    return {};
  if (!s.instances->start)
    return error{errc::invalid, "start_spec: the template has no start function; make it with instances_of<...>(...)"};
  auto checked = s.instances->spec;
  checked.start = [](starter&) -> start_outcome { return start_ignored{}; };
  if (auto ok = check_dynamic_child(checked); !ok)
    return ok.error().in("start_spec");
  return {};
}

}  // namespace beamline::supervision
