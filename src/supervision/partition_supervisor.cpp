#include "supervision/partition_supervisor.hpp"

#include "actors/node.hpp"

#include <charconv>
#include <stdexcept>

namespace beamline::supervision {

namespace {

error wrong(std::string_view field, std::string_view problem) {
  return {errc::invalid, "partition supervisor: " + std::string{field} + " " + std::string{problem}};
}

constexpr std::string_view only_resize = "partitions are started and stopped by resize_partitions only";

child_error unsupported() { return {.what = child_error::kind::unsupported, .detail = std::string{only_resize}}; }

}  // namespace

result<void> check_partition_spec(const partition_spec& s) {
  if (s.name.empty())
    return wrong("name", "is empty; it must have one, keys are routed by it");
  if (!s.child.start)
    return wrong("child", "has no start function; describe what every partition is, e.g. child<counter>(\"counter\")");
  if (s.partitions && (*s.partitions == 0 || *s.partitions > partition_spec::partitions_max))
    return wrong("partitions", "is " + std::to_string(*s.partitions) + ", expected 1 to "
                                   + std::to_string(partition_spec::partitions_max));
  if (auto ok = check_dynamic_spec({.flags = s.flags}); !ok)
    return ok;
  return check_dynamic_child(s.child);
}

partition_supervisor::partition_supervisor(process_context& c, partition_spec s)
    : dynamic_process{c}, spec_{std::move(s)} {}

pid partition_supervisor::start(beamline::node& on, partition_spec s) {
  if (auto ok = check_partition_spec(s); !ok)
    throw std::invalid_argument{ok.error().message};
  birth how;
  how.name = s.name;
  how.label = s.name;
  return on.spawn_as<partition_supervisor>(std::move(how), std::move(s));
}

child_spec child_partition_supervisor(partition_spec s) {
  auto name = s.name;
  auto c = child<partition_supervisor>(name, std::move(s));
  c.name = std::move(name);
  c.type = child_type::supervisor;
  return c;
}

result<void> partition_supervisor::prepare() {
  if (auto ok = check_partition_spec(spec_); !ok)
    return ok;
  auto& directory = env().get<partition_directory>();
  auto n = spec_.partitions.value_or(directory.partitions_default());
  for (std::size_t i = 0; i < n; ++i) {
    auto s = spec_.child;
    s.id = std::to_string(i);
    if (spec_.with_arguments)
      spec_.with_arguments(s, i);
    s.id = std::to_string(i);
    if (auto ok = check_dynamic_child(s); !ok)
      return ok;
    specs_.push_back(std::move(s));
  }
  auto table = directory.open(env().self(), spec_.name, n);
  if (!table)
    return table.error();
  table_ = *table;
  return open({.flags = spec_.flags});
}

behavior partition_supervisor::init() {
  if (auto ok = prepare(); !ok)
    return refuse_start(reason::custom(ok.error().message));
  use({.up = [this](const dynamic_child& c) { table_->set(c.tag, c.id); },
       .left = [this](const dynamic_child& c) { table_->set(c.tag, 0); }});
  hold_start();
  starting_ = specs_.size();
  for (std::size_t i = 0; i < specs_.size() && !has_failed_; ++i)
    start_partition(i, [this, i](const start_answer& a) { start_answered(i, a); });
  return serve();
}

void partition_supervisor::terminate(const reason& why) {
  if (table_ != nullptr) {
    table_->set_count(0);
    for (std::size_t i = 0; i < table_->capacity(); ++i)
      table_->set(i, 0);
  }
  dynamic_process::terminate(why);
}

void partition_supervisor::start_partition(std::size_t index, std::function<void(const start_answer&)> then) {
  core().start(specs_[index], expect_start(std::move(then)), now(), static_cast<std::uint32_t>(index));
}

// Of the first start: all or nothing (S32).
void partition_supervisor::start_answered(std::size_t index, const start_answer& a) {
  if (has_failed_)
    return;
  if (!a) {
    has_failed_ = true;
    // In a turn of its own: the core is in the middle of something.
    run_after(duration::zero(),
              [this, why = reason::shutdown("failed_to_start_child \"" + std::to_string(index)
                                            + "\": " + to_string(a.error()))] { core().stop(why, now()); });
    return;
  }
  if (--starting_ > 0)
    return;
  table_->set_count(specs_.size());
  confirm_start();
}

behavior partition_supervisor::serve() {
  auto not_found = [](const std::string& id) {
    return child_error{.what = child_error::kind::not_found, .detail = "there is no partition \"" + id + "\""};
  };
  return handlers([this](const child_started& m) { handle_started(m); },
                  [this](const child_gone& m) { handle_gone(m); },
                  [this](const resize_partitions& m) -> deferred {
                    auto p = promise<resize_answer>();
                    resize(m.count, p);
                    return p;
                  },
                  [this](const which_children&) {
                    child_list all;
                    auto slots = by_index();
                    for (auto i = slots.size(); i > 0; --i)
                      all.push_back(info_of_slot(i - 1, slots[i - 1]));
                    return all;
                  },
                  [this, not_found](const which_child& m) -> supervision::answer<child_info> {
                    auto i = index_of(m.id);
                    if (!i)
                      return not_found(m.id);
                    return info_of_slot(*i, by_index()[*i]);
                  },
                  [this, not_found](const get_child_spec& m) -> supervision::answer<child_spec> {
                    auto i = index_of(m.id);
                    if (!i)
                      return not_found(m.id);
                    return specs_[*i];
                  },
                  [this](const count_children&) {
                    auto n = specs_.size();
                    auto is_supervisor = spec_.child.type == child_type::supervisor;
                    return child_counts{.specs = n,
                                        .active = core().count().active,
                                        .supervisors = is_supervisor ? n : 0,
                                        .workers = is_supervisor ? 0 : n};
                  },
                  [this](const which_zombies&) { return zombies(); }, [this](const get_status&) { return status(); },
                  [](const start_child&) -> start_answer { return unsupported(); },
                  [](const terminate_child&) -> change_answer { return unsupported(); },
                  [](const restart_child&) -> start_answer { return unsupported(); },
                  [](const delete_child&) -> change_answer { return unsupported(); },
                  [](const update_supervisor&) -> change_answer { return unsupported(); });
}

// -- resizing ------------------------------------------------------------------------------

void partition_supervisor::resize(std::size_t count, const reply_promise<resize_answer>& p) {
  if (count > specs_.size()) {
    p.set(child_error{.what = child_error::kind::invalid_spec,
                      .detail = "count is " + std::to_string(count) + ", expected 0 to " + std::to_string(specs_.size())
                              + ": it was started with that many"});
    return;
  }
  if (core().is_stopping() || starting_ > 0) {
    p.set(child_error{.what = child_error::kind::stopping, .detail = "the supervisor is not running"});
    return;
  }
  if (resizing_) {
    p.set(child_error{.what = child_error::kind::busy, .detail = "it is being resized; try again when that is done"});
    return;
  }
  auto from = table_->count();
  if (count < from)
    table_->set_count(count);  // Routing first: nobody is sent to one that ends.
  resizing_.emplace(resizing{.promise = p, .from = from, .to = count, .waiting = 1});
  std::vector<std::uint64_t> surplus;
  std::vector<std::size_t> missing;
  auto slots = by_index();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto* c = slots[i];
    if (i >= count && c != nullptr)
      surplus.push_back(c->id != 0 ? c->id : c->known_id);
    else if (i < count && c == nullptr)
      missing.push_back(i);
  }
  resizing_->waiting += surplus.size() + missing.size();
  for (auto id : surplus)
    core().terminate(id, expect_change([this](const change_answer&) { resize_step(nullptr); }), now());
  for (auto i : missing)
    start_partition(i, [this](const start_answer& a) { resize_step(a ? nullptr : &a.error()); });
  resize_step(nullptr);
}

void partition_supervisor::resize_step(const child_error* failed) {
  if (!resizing_)
    return;
  if (failed != nullptr && !resizing_->failed)
    resizing_->failed = *failed;
  if (--resizing_->waiting > 0)
    return;
  auto r = *std::exchange(resizing_, std::nullopt);
  table_->set_count(r.to);
  if (r.failed)
    r.promise.set(*r.failed);
  else
    r.promise.set(r.from);
}

// -- questions -----------------------------------------------------------------------------

std::optional<std::size_t> partition_supervisor::index_of(const std::string& id) const {
  std::size_t i = 0;
  auto [end, problem] = std::from_chars(id.data(), id.data() + id.size(), i);
  if (problem != std::errc{} || i >= specs_.size() || specs_[i].id != id)
    return std::nullopt;
  return i;
}

std::vector<const dynamic_child*> partition_supervisor::by_index() {
  std::vector<const dynamic_child*> slots(specs_.size());
  for (const auto* c : core().list())
    slots[c->tag] = c;
  return slots;
}

child_info partition_supervisor::info_of_slot(std::size_t index, const dynamic_child* c) const {
  child_info i;
  if (c != nullptr)
    i = info_of(*c);
  i.id = specs_[index].id;
  i.type = specs_[index].type;
  i.kind = specs_[index].kind;
  return i;
}

}  // namespace beamline::supervision
