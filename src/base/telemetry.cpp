#include "base/telemetry.hpp"

#include "base/telemetry_state.hpp"

#include <cstdint>
#include <exception>
#include <type_traits>

#include <fmt/format.h>

namespace beamline {

namespace {

using detail::handler;
using detail::handler_ptr;
using detail::handler_table;
using detail::telemetry_state;

/// One running handler call. The frames of a thread form a list along its call stack, which is how a handler
/// is kept from recursing and how detaching from within a handler avoids waiting for itself.
struct call_frame {
  const handler* running;
  const call_frame* outer;
};

// Not state of a node: it is empty whenever the thread is outside of handlers.
thread_local const call_frame* innermost = nullptr;

/// Which cells of striped counters this thread uses. Nothing that can be seen depends on it.
std::size_t own_stripe() {
  return mix64(reinterpret_cast<std::uintptr_t>(&innermost) >> 8) % detail::striped_counter::stripes;
}

std::uint32_t depth_of(const handler* h) {
  std::uint32_t depth = 0;
  for (auto* frame = innermost; frame; frame = frame->outer)
    depth += frame->running == h ? 1 : 0;
  return depth;
}

/// Holds a handler's call open: while one exists, `quiesce` on another thread waits.
class call_guard {
public:
  call_guard(handler& h, std::size_t stripe) : handler_{h}, count_{h.running[stripe]}, frame_{&h, innermost} {
    count_.fetch_add(1, std::memory_order_seq_cst);
    innermost = &frame_;
  }
  call_guard(const call_guard&) = delete;
  call_guard& operator=(const call_guard&) = delete;
  ~call_guard() {
    innermost = frame_.outer;
    count_.fetch_sub(1, std::memory_order_seq_cst);
    if (handler_.detached.load(std::memory_order_seq_cst))
      count_.notify_all();
  }

private:
  handler& handler_;
  std::atomic<std::uint32_t>& count_;
  call_frame frame_;
};

/// Waits until no other thread is inside of `h`, which is detached already.
void quiesce(handler& h) {
  for (std::size_t stripe = 0; stripe < detail::striped_counter::stripes; ++stripe) {
    auto& count = h.running[stripe];
    const auto own = stripe == own_stripe() ? depth_of(&h) : 0;
    for (auto now = count.load(std::memory_order_seq_cst); now > own; now = count.load(std::memory_order_seq_cst))
      count.wait(now, std::memory_order_seq_cst);
  }
}

std::string current_exception_text() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

std::string format_duration(duration d) {
  const auto ns = static_cast<double>(d.count());
  const auto size = ns < 0 ? -ns : ns;
  auto [scale, unit] = size >= 1e9 ? std::pair{1e9, "s"}
                     : size >= 1e6 ? std::pair{1e6, "ms"}
                     : size >= 1e3 ? std::pair{1e3, "us"}
                                   : std::pair{1.0, "ns"};
  auto digits = fmt::format("{:.3f}", ns / scale);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.')
    digits.pop_back();
  return digits + unit;
}

}  // namespace

std::string to_text(const event_value& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using type = std::remove_cvref_t<decltype(v)>;
        if constexpr (std::is_same_v<type, duration>)
          return format_duration(v);
        else
          return fmt::format("{}", v);
      },
      value);
}

struct telemetry::handle::target {
  std::weak_ptr<telemetry_state> state;
  handler_ptr handler;
};

telemetry::handle& telemetry::handle::operator=(handle&& other) noexcept {
  if (this != &other) {
    detach();
    target_ = std::move(other.target_);
  }
  return *this;
}

void telemetry::handle::detach() noexcept {
  if (!target_)
    return;
  const auto gone = std::move(target_);
  auto& h = *gone->handler;
  h.detached.store(true, std::memory_order_seq_cst);
  if (auto state = gone->state.lock())
    state->remove(gone->handler);
  quiesce(h);
  // Whatever the handler holds is let go now, unless this is the handler itself: then with its last table.
  if (depth_of(&h) == 0)
    h.call = nullptr;
}

bool telemetry::handle::attached() const noexcept {
  return target_ && !target_->handler->detached.load(std::memory_order_relaxed);
}

telemetry::telemetry() : state_{std::make_shared<telemetry_state>()}, interest_{&state_->interest} {}

telemetry::~telemetry() = default;

telemetry::handle telemetry::attach_typed(const void* type, std::string_view name, erased call) {
  auto h = std::make_shared<handler>(type, std::string{name}, std::move(call));
  state_->add(h);
  return handle{std::make_shared<handle::target>(handle::target{state_, std::move(h)})};
}

telemetry::handle telemetry::attach_prefix(std::string prefix, erased call) {
  return attach_typed(nullptr, prefix, std::move(call));
}

void telemetry::detach_all() { state_->clear(); }

bool telemetry::has_handlers(const void* type, std::string_view name) const {
  return state_->read(own_stripe(), [&](const handler_table& table) { return table.wants(type, name); });
}

void telemetry::dispatch(const void* event, const void* type, std::string_view name, event_view::walker walk) {
  const auto view = event_view{event, type, name, walk};
  const auto stripe = own_stripe();
  const auto call_one = [&](const handler_ptr& h) {
    if (depth_of(h.get()) > 0)
      return;
    auto failure = std::optional<std::string>{};
    {
      auto guard = call_guard{*h, stripe};
      // Looked at inside of the guard: either this sees the mark, or the detaching thread sees the guard.
      if (h->detached.load(std::memory_order_seq_cst))
        return;
      try {
        h->call(event, view);
      } catch (...) {
        failure = current_exception_text();
      }
    }
    // Two threads may fail in the same handler at once; one of them reports.
    if (failure && !h->detached.exchange(true)) {
      state_->remove(h);
      emit(handler_failed{name, *failure});
    }
  };
  state_->read(stripe, [&](const handler_table& table) { table.for_each(type, name, call_one); });
}

std::optional<event_value> event_view::get(std::string_view key) const {
  auto found = std::optional<event_value>{};
  for_each([&](std::string_view k, const event_value& v) {
    if (k == key && !found)
      found = v;
  });
  return found;
}

}  // namespace beamline
