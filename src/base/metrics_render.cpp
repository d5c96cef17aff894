#include "base/metrics.hpp"

#include "base/metrics_state.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <tuple>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace beamline::metrics {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// The serializer writes help as it is; these two would break the format.
std::string one_line(std::string_view help) {
  auto text = std::string{help};
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\\'; }, ' ');
  return text;
}

/// Families by name.
using family_map = std::map<std::string, MetricFamily, std::less<>>;

void fill(ClientMetric& out, const counter& m) { out.counter.value = static_cast<double>(m.value()); }
void fill(ClientMetric& out, const gauge& m) { out.gauge.value = m.value(); }
void fill(ClientMetric& out, const histogram& m) {
  std::uint64_t seen = 0;
  const auto bounds = m.bounds();
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    seen += m.in_bucket(i);
    const auto bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    out.histogram.bucket.push_back({seen, bound});
  }
  // From the buckets, not from a counter of its own: the two would differ while somebody observes.
  out.histogram.sample_count = seen;
  out.histogram.sample_sum = m.sum();
}

constexpr MetricType type_of(const counter*) { return MetricType::Counter; }
constexpr MetricType type_of(const gauge*) { return MetricType::Gauge; }
constexpr MetricType type_of(const histogram*) { return MetricType::Histogram; }

template <class M>
void add(family_map& to, const detail::family_state<M>& f) {
  auto lock = std::shared_lock{f.mutex};
  if (f.all.empty())
    return;
  auto& out = to[f.name];
  out.name = f.name;
  out.help = one_line(f.help);
  out.type = type_of(static_cast<const M*>(nullptr));
  for (const auto& [key, s] : f.all) {
    auto& m = out.metric.emplace_back();
    for (std::size_t i = 0; i < s->values.size(); ++i)
      m.label.push_back({f.label_names[i], s->values[i]});
    fill(m, s->metric);
  }
}

/// What one collector reported; merged only if it came to its end.
class collected final : public samples {
public:
  void gauge(std::string_view name, std::string_view help, double value, labels of) override {
    add(name, help, MetricType::Gauge, of).gauge.value = value;
  }
  void counter(std::string_view name, std::string_view help, double value, labels of) override {
    add(name, help, MetricType::Counter, of).counter.value = value;
  }

  void merge_into(family_map& to) {
    for (const auto& [name, f] : families_)
      if (auto found = to.find(name); found != to.end() && found->second.type != f.type)
        throw std::logic_error{"metrics: a collector reports " + name + " as another kind of metric"};
    for (auto& [name, f] : families_) {
      auto [place, is_new] = to.try_emplace(name, std::move(f));
      if (!is_new)
        std::move(f.metric.begin(), f.metric.end(), std::back_inserter(place->second.metric));
    }
  }

private:
  ClientMetric& add(std::string_view name, std::string_view help, MetricType type, labels of) {
    auto& f = families_[std::string{name}];
    if (!f.metric.empty() && f.type != type)
      throw std::logic_error{"metrics: a collector reports " + f.name + " as two kinds of metric"};
    f.name = name;
    f.help = one_line(help);
    f.type = type;
    auto& m = f.metric.emplace_back();
    for (const auto& l : of)
      m.label.push_back({std::string{l.name}, std::string{l.value}});
    return m;
  }

  family_map families_;
};

void run_collectors(const std::vector<std::shared_ptr<detail::collector_entry>>& collectors, family_map& to,
                    counter& failures) {
  for (const auto& entry : collectors) {
    auto lock = std::lock_guard{entry->mutex};
    if (!entry->report)
      continue;
    try {
      auto got = collected{};
      entry->report(got);
      got.merge_into(to);
    } catch (...) {
      // The scrape goes on without it; the counter says that something is missing.
      failures.inc();
    }
  }
}

}  // namespace

std::string registry::render() const {
  auto all = family_map{};
  auto collectors = std::vector<std::shared_ptr<detail::collector_entry>>{};
  {
    auto lock = std::lock_guard{state_->mutex};
    for (const auto& [name, f] : state_->families)
      std::visit([&](const auto& state) { add(all, *state); }, f);
    collectors = state_->collectors;
  }
  add(all, state_->folds);
  run_collectors(collectors, all, state_->collector_failures);
  auto& failures = all["beamline_metrics_collector_failures_total"];
  failures = {"beamline_metrics_collector_failures_total",
              "Scrapes that had to leave out a collector that threw",
              MetricType::Counter,
              {}};
  fill(failures.metric.emplace_back(), state_->collector_failures);

  auto families = std::vector<MetricFamily>{};
  for (auto& [name, f] : all) {
    std::sort(f.metric.begin(), f.metric.end(), [](const auto& a, const auto& b) { return a.label < b.label; });
    families.push_back(std::move(f));
  }
  const prometheus::Serializer& text = prometheus::TextSerializer{};
  return text.Serialize(families);
}

}  // namespace beamline::metrics
