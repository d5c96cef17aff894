#include "supervision/dynamic_supervisor.hpp"

namespace beamline::supervision {

namespace {

child_error unsupported(std::string detail) {
  return {.what = child_error::kind::unsupported, .detail = std::move(detail)};
}

child_error too_busy() {
  return {.what = child_error::kind::busy,
          .detail = std::to_string(requests_max) + " requests of this supervisor are under way; wait for some"};
}

/// Of an instance with the arguments it was started with; temporary children show no start function (S28).
child_spec full_spec(const dynamic_core& core, const dynamic_child& c) {
  auto s = *c.spec;
  if (c.is_instance && s.restart != restart_type::temporary)
    s.start = [run = core.instances()->start, arguments = c.arguments](starter& by) { return run(by, arguments); };
  return s;
}

}  // namespace

dynamic_supervisor::dynamic_supervisor(process_context& c, dynamic_supervisor_spec s)
    : dynamic_supervisor{c, init_function{[s = std::move(s)](environment&) { return s; }}} {}

dynamic_supervisor::dynamic_supervisor(process_context& c, init_function decide)
    : dynamic_process{c}, decide_{std::move(decide)} {}

behavior dynamic_supervisor::init() {
  auto decided = decide_(env());
  decide_ = nullptr;
  if (std::holds_alternative<start_ignored>(decided))
    return ignore_start();
  if (auto* why = std::get_if<reason>(&decided))
    return refuse_start(std::move(*why));
  const auto& s = std::get<dynamic_supervisor_spec>(decided);
  if (auto ok = check_dynamic_spec(s); !ok)
    return refuse_start(reason::custom(ok.error().message));
  if (auto ok = open(s); !ok)
    return refuse_start(reason::custom(ok.error().message));
  return serve();
}

behavior dynamic_supervisor::serve() {
  auto by_pid = [this](const std::string& id, const pid& who) -> std::variant<const dynamic_child*, child_error> {
    auto& all = core();
    if (!who && all.is_template())
      return unsupported("instances of a template have no ids; name the child by its pid");
    if (const auto* c = all.find(env().processes().resolve(who)))
      return c;
    return child_error{.what = child_error::kind::not_found,
                       .detail = who ? "no child here has that pid"
                                     : "children here have no ids (\"" + id + "\"); name the child by its pid"};
  };
  return handlers([this](const child_started& m) { handle_started(m); },
                  [this](const child_gone& m) { handle_gone(m); },
                  [this](const start_child& m) -> deferred {
                    auto p = promise<start_answer>();
                    if (is_busy())
                      p.set(too_busy());
                    else
                      core().start(m.spec, expect(p), now());
                    return p;
                  },
                  [this](const start_instance& m) -> deferred {
                    auto p = promise<start_answer>();
                    if (is_busy())
                      p.set(too_busy());
                    else
                      core().start_instance(m.arguments, expect(p), now());
                    return p;
                  },
                  [this, by_pid](const terminate_child& m) -> deferred {
                    auto p = promise<change_answer>();
                    auto found = by_pid(m.id, m.who);
                    if (auto* e = std::get_if<child_error>(&found))
                      p.set(*e);
                    else if (is_busy())
                      p.set(too_busy());
                    else
                      core().terminate(env().processes().resolve(m.who), expect(p), now());
                    return p;
                  },
                  [this](const update_dynamic_supervisor& m) -> change_answer {
                    auto ok = check_dynamic_spec(m.spec);
                    if (ok)
                      ok = core().update(m.spec);
                    if (!ok)
                      return child_error{.what = child_error::kind::invalid_spec, .detail = ok.error().message};
                    flags_changed();
                    return nothing{};
                  },
                  [this](const which_children&) {
                    child_list all;
                    for (const auto* c : core().list())
                      all.push_back(info_of(*c));
                    return all;
                  },
                  [this](const count_children&) { return core().count(); },
                  [this, by_pid](const which_child& m) -> answer<child_info> {
                    auto found = by_pid(m.id, m.who);
                    if (auto* e = std::get_if<child_error>(&found))
                      return *e;
                    return info_of(*std::get<const dynamic_child*>(found));
                  },
                  [this, by_pid](const get_child_spec& m) -> answer<child_spec> {
                    auto found = by_pid(m.id, m.who);
                    if (auto* e = std::get_if<child_error>(&found))
                      return *e;
                    return full_spec(core(), *std::get<const dynamic_child*>(found));
                  },
                  [this](const which_zombies&) { return zombies(); }, [this](const get_status&) { return status(); },
                  [](const restart_child&) -> start_answer {
                    return unsupported("a dynamic supervisor keeps no stopped children; start a new one");
                  },
                  [](const delete_child&) -> change_answer {
                    return unsupported("a dynamic supervisor keeps no stopped children; terminate_child removes one");
                  },
                  [](const update_supervisor&) -> change_answer {
                    return unsupported("this is a dynamic supervisor; use update_dynamic_supervisor");
                  });
}

child_spec dynamic_supervisor::child_spec_for(dynamic_supervisor_spec s, std::string name) {
  auto c = child_dynamic_supervisor(name.empty() ? "dynamic_supervisor" : name, std::move(s));
  c.name = std::move(name);
  return c;
}

child_spec child_dynamic_supervisor(std::string id, dynamic_supervisor_spec s) {
  auto c = child<dynamic_supervisor>(std::move(id), std::move(s));
  c.type = child_type::supervisor;
  return c;
}

child_spec child_dynamic_supervisor(std::string id, dynamic_supervisor::init_function decide) {
  auto c = child<dynamic_supervisor>(std::move(id), std::move(decide));
  c.type = child_type::supervisor;
  return c;
}

}  // namespace beamline::supervision
