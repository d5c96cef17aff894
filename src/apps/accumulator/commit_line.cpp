#include "apps/accumulator/commit_line.hpp"

#include <algorithm>
#include <utility>

namespace beamline::accumulator {

std::size_t pending_write::weight() const {
  const auto* e = std::get_if<incoming>(&what);
  const auto* v = e == nullptr ? nullptr : std::get_if<visits>(&e->what);
  constexpr std::size_t statements = 8;
  return statements + (v == nullptr ? 0 : v->visitors.size());
}

bool is_own_fault(errc code) noexcept {
  switch (code) {
    case errc::invalid:
    case errc::exists:
    case errc::too_large: return true;
    default: return false;
  }
}

std::vector<write_ptr> commit_line::begin(time_point now) {
  std::vector<write_ptr> all;
  if (auto p = pause(now); !p || *p > duration::zero())
    return all;
  std::size_t weight = 0;
  while (!waiting_.empty() && (all.empty() || alone_ == 0)) {
    weight += waiting_.front()->weight();
    if (!all.empty() && weight > options_.weight_max)
      break;
    all.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  group_ = all;
  begun_at_ = now;
  return all;
}

std::optional<duration> commit_line::pause(time_point now) const {
  if (waiting_.empty() || !group_.empty())
    return std::nullopt;
  if (!begun_at_ || alone_ > 0)
    return duration::zero();
  return std::max(duration::zero(), *begun_at_ + options_.interval - now);
}

std::vector<write_ptr> commit_line::finished(const result<void>& how) {
  auto over = std::exchange(group_, {});
  if (!how && alone_ == 0 && over.size() > 1 && is_own_fault(how.error().code)) {
    alone_ = over.size();
    waiting_.insert(waiting_.begin(), over.begin(), over.end());
    return {};
  }
  if (alone_ > 0)
    alone_ -= 1;
  if (!how && !is_own_fault(how.error().code)) {
    over.insert(over.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    alone_ = 0;
  }
  return over;
}

}  // namespace beamline::accumulator
