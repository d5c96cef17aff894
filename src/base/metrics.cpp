#include "base/metrics.hpp"

#include "base/metrics_state.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include <fmt/format.h>

namespace beamline::metrics {

namespace {

constexpr std::string_view other = "other";

[[noreturn]] void misuse(std::string text) { throw std::logic_error{"metrics: " + std::move(text)}; }

bool is_name(std::string_view text, bool is_label) {
  const auto is_letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c == ':' && !is_label);
  };
  if (text.empty() || !is_letter(text.front()) || (is_label && (text == "le" || text.starts_with("__"))))
    return false;
  return std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void check_family(std::string_view name, std::span<const std::string_view> label_names, std::span<const double> bounds,
                  bool is_histogram) {
  if (!is_name(name, false))
    misuse(fmt::format("\"{}\" is not a metric name", name));
  for (auto l : label_names)
    if (!is_name(l, true))
      misuse(fmt::format("\"{}\" of {} is not a label name", l, name));
  const bool is_growing = std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>{}) == bounds.end();
  if (is_histogram && (bounds.empty() || !is_growing))
    misuse(fmt::format("the bounds of {} must be given and grow", name));
}

std::string_view shortened(std::string_view value) { return value.size() > label_value_bytes_max ? other : value; }

/// Values joined so that different lists give different texts.
std::string key_of(std::span<const std::string_view> values) {
  auto key = std::string{};
  for (auto v : values) {
    key += shortened(v);
    key += '\xff';  // Not part of any UTF-8 text.
  }
  return key;
}

}  // namespace

histogram::histogram(std::span<const double> bounds)
    : bounds_{bounds.begin(), bounds.end()}, counts_(bounds.size() + 1) {}

void histogram::observe(double value) noexcept {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t histogram::count() const noexcept {
  std::uint64_t all = 0;
  for (const auto& c : counts_)
    all += c.load(std::memory_order_relaxed);
  return all;
}

namespace detail {

template <class M>
M& family_state<M>::with(std::span<const std::string_view> values) {
  if (values.size() != label_names.size())
    misuse(fmt::format("{} has {} labels, {} values were given", name, label_names.size(), values.size()));
  auto key = key_of(values);
  {
    auto lock = std::shared_lock{mutex};
    if (auto found = all.find(key); found != all.end())
      return found->second->metric;
  }
  auto lock = std::unique_lock{mutex};
  auto texts = std::vector<std::string>{};
  for (auto v : values)
    texts.emplace_back(shortened(v));
  if (all.size() >= series_max && !all.contains(key)) {
    if (folds) {
      const auto own_name = std::string_view{name};
      folds->with(std::span{&own_name, 1}).inc();
    }
    const auto others = std::vector<std::string_view>(values.size(), other);
    key = key_of(others);
    texts.assign(values.size(), std::string{other});
  }
  auto& slot = all[std::move(key)];
  if (!slot) {
    if constexpr (std::is_same_v<M, histogram>)
      slot = std::make_unique<series<M>>(std::move(texts), bounds);
    else
      slot = std::make_unique<series<M>>(std::move(texts));
  }
  return slot->metric;
}

registry_state::registry_state(std::size_t label_sets_max) : series_max{label_sets_max} {
  folds.name = "beamline_metrics_folded_total";
  folds.help = "Uses of a series beyond the limit of its family, counted under the label value \"other\"";
  folds.label_names = {"family"};
  folds.series_max = std::numeric_limits<std::size_t>::max();  // As many as there are families.
}

template <class M>
family_state<M>& registry_state::find_or_make(std::string_view name, std::string_view help,
                                              std::span<const std::string_view> label_names,
                                              std::span<const double> bounds) {
  auto lock = std::lock_guard{mutex};
  auto found = families.find(name);
  if (found == families.end()) {
    check_family(name, label_names, bounds, std::is_same_v<M, histogram>);
    auto made = std::make_unique<family_state<M>>();
    made->name = name;
    made->help = help;
    made->label_names.assign(label_names.begin(), label_names.end());
    made->bounds.assign(bounds.begin(), bounds.end());
    made->series_max = series_max;
    made->folds = &folds;
    found = families.emplace(std::string{name}, std::move(made)).first;
  }
  auto* have = std::get_if<std::unique_ptr<family_state<M>>>(&found->second);
  if (!have)
    misuse(fmt::format("{} is registered already as another kind of metric", name));
  auto& f = **have;
  if (f.help != help || !std::equal(f.label_names.begin(), f.label_names.end(), label_names.begin(), label_names.end())
      || !std::equal(f.bounds.begin(), f.bounds.end(), bounds.begin(), bounds.end()))
    misuse(fmt::format("{} is registered already with another help, other labels or bounds", name));
  return f;
}

namespace {

struct split_labels {
  explicit split_labels(labels of) {
    for (const auto& l : of) {
      names.push_back(l.name);
      values.push_back(l.value);
    }
  }
  std::vector<std::string_view> names;
  std::vector<std::string_view> values;
};

std::span<const std::string_view> span_of(std::initializer_list<std::string_view> list) {
  return {list.begin(), list.size()};
}

}  // namespace
}  // namespace detail

template <class M>
M& family<M>::with(std::span<const std::string_view> values) const {
  return state_->with(values);
}
template <class M>
const std::vector<std::string>& family<M>::label_names() const {
  return state_->label_names;
}
template class family<counter>;
template class family<gauge>;
template class family<histogram>;

registry::registry(options opts) : state_{std::make_unique<detail::registry_state>(opts.label_sets_max)} {}

registry::~registry() = default;

family<counter> registry::counters(std::string_view name, std::string_view help,
                                   std::initializer_list<std::string_view> label_names) {
  return family<metrics::counter>{state_->find_or_make<metrics::counter>(name, help, detail::span_of(label_names), {})};
}

family<gauge> registry::gauges(std::string_view name, std::string_view help,
                               std::initializer_list<std::string_view> label_names) {
  return family<metrics::gauge>{state_->find_or_make<metrics::gauge>(name, help, detail::span_of(label_names), {})};
}

family<histogram> registry::histograms(std::string_view name, std::string_view help, std::span<const double> bounds,
                                       std::initializer_list<std::string_view> label_names) {
  return family<metrics::histogram>{
      state_->find_or_make<metrics::histogram>(name, help, detail::span_of(label_names), bounds)};
}

counter& registry::counter(std::string_view name, std::string_view help, labels of) {
  const auto l = detail::split_labels{of};
  return state_->find_or_make<metrics::counter>(name, help, l.names, {}).with(l.values);
}

gauge& registry::gauge(std::string_view name, std::string_view help, labels of) {
  const auto l = detail::split_labels{of};
  return state_->find_or_make<metrics::gauge>(name, help, l.names, {}).with(l.values);
}

histogram& registry::histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                               labels of) {
  const auto l = detail::split_labels{of};
  return state_->find_or_make<metrics::histogram>(name, help, l.names, bounds).with(l.values);
}

registry::collector registry::collect(std::function<void(samples&)> report) {
  auto entry = std::make_shared<detail::collector_entry>();
  entry->report = std::move(report);
  auto lock = std::lock_guard{state_->mutex};
  std::erase_if(state_->collectors, [](const auto& c) { return c.use_count() == 1; });  // Those that were removed.
  state_->collectors.push_back(entry);
  return collector{std::move(entry)};
}

registry::collector& registry::collector::operator=(collector&& from) noexcept {
  if (this != &from) {
    remove();
    entry_ = std::move(from.entry_);
  }
  return *this;
}

void registry::collector::remove() noexcept {
  if (!entry_)
    return;
  {
    auto lock = std::lock_guard{entry_->mutex};
    entry_->report = nullptr;
  }
  entry_.reset();
}

}  // namespace beamline::metrics
