#pragma once

#include "supervision/dynamic_process.hpp"

namespace beamline::supervision {

/// A supervisor of children that come and go (S110-S119), and, with a template, OTP's simple_one_for_one (S95-S100).
///
///   auto sup = node.spawn<dynamic_supervisor>(dynamic_supervisor_spec{.max_children = 1000});
///   call<start_answer>(sup, start_child{child<upload>("upload", url)}, 5s)
///   call<change_answer>(sup, terminate_child{.who = p}, 5s)
///
/// It understands api.hpp: start_child, terminate_child by pid (a restarting child by its last one), which_children,
/// which_child and get_child_spec by pid, count_children, which_zombies, get_status; and start_instance and
/// update_dynamic_supervisor of dynamic_spec.hpp. What belongs to ordinary supervisors is answered `unsupported`.
///
/// Where OTP starts one child after another, starts here overlap: a slow `init` delays neither other starts nor
/// anything else, and each caller is answered when its own child runs. Ids are labels, neither unique nor listed. A
/// child is restarted with the spec it was started with, counted in one budget with all others (S55); when that is used
/// up the supervisor stops all children and ends with `shutdown`. It stops them all at once, each with its own limit
/// (S117).
///
/// At the template form counts say one spec (S98); an ignored start is answered without a pid and forgotten (S97,
/// S113).
class dynamic_supervisor final : public dynamic_process {
public:
  using spec = dynamic_supervisor_spec;
  /// Decides at each start anew; a throw is a failed start (S34, S35).
  using init_function = std::function<std::variant<dynamic_supervisor_spec, start_ignored, reason>(environment&)>;

  dynamic_supervisor(process_context& c, dynamic_supervisor_spec s);
  dynamic_supervisor(process_context& c, init_function decide);

  /// As a child that is registered as `name`, which is its id, too; "dynamic_supervisor" when there is none (I02, I03).
  [[nodiscard]] static child_spec child_spec_for(dynamic_supervisor_spec s, std::string name = {});

  behavior init() override;

private:
  behavior serve();

  init_function decide_;
};

/// A dynamic supervisor as a child of another: permanent, with all the time it wants to stop (S75).
[[nodiscard]] child_spec child_dynamic_supervisor(std::string id, dynamic_supervisor_spec s);
[[nodiscard]] child_spec child_dynamic_supervisor(std::string id, dynamic_supervisor::init_function decide);

}  // namespace beamline::supervision
