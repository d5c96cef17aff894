#include "apps/event_horizon/content/search.hpp"

#include "apps/event_horizon/content/fold.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace beamline::event_horizon {

namespace {

// What a word counts where it was found; whole words twice.
constexpr int title_score = 20;
constexpr int tag_score = 10;
constexpr int summary_score = 5;
constexpr int text_score = 1;
constexpr int text_times_max = 5;

// What is shown before and behind the word that was found.
constexpr std::size_t snippet_before_bytes = 60;
constexpr std::size_t snippet_bytes = 200;

/// The words of a question, each with a space in front.
std::vector<std::string> words_of(std::string_view query) {
  auto folded = fold(truncate_utf8(query, query_bytes_max));
  auto out = std::vector<std::string>{};
  for (auto rest = std::string_view{folded}; !rest.empty() && out.size() < query_words_max;) {
    auto end = std::min(rest.find(' '), rest.size());
    if (end > 0)
      out.push_back(" " + std::string{rest.substr(0, end)});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

bool is_whole(std::string_view text, std::size_t at, std::size_t size) {
  return at + size == text.size() || text[at + size] == ' ';
}

int score_in(std::string_view text, const std::string& word, int each) {
  auto at = text.find(word);
  if (at == std::string_view::npos)
    return 0;
  return is_whole(text, at, word.size()) ? 2 * each : each;
}

int times_in(std::string_view text, const std::string& word) {
  int n = 0;
  for (auto at = text.find(word); at != std::string_view::npos && n < text_times_max; at = text.find(word, at + 1))
    ++n;
  return n;
}

/// Moves to the beginning of the character that stands there.
std::size_t character_at(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
    --at;
  return std::min(at, text.size());
}

safe_html snippet_of(const post& p, const std::vector<std::string>& words) {
  auto plain = truncate_utf8(p.plain, searched_post_bytes_max);
  auto folded = fold_with_origin(plain);
  folded.text.insert(0, " ");
  auto at = std::string::npos;
  auto size = std::size_t{0};
  for (const auto& word : words)
    if (auto found = folded.text.find(word); found < at) {
      at = found;
      size = word.size() - 1;
    }
  if (at == std::string::npos)
    return html::text(p.summary);
  // The space in front shifts everything by one, and the word begins behind its own.
  auto begin = folded.origin[at];
  auto end = at + size < folded.origin.size() ? folded.origin[at + size] : plain.size();
  auto from = character_at(plain, begin > snippet_before_bytes ? begin - snippet_before_bytes : 0);
  if (auto space = plain.find_first_of(" \n", from); from > 0 && space < begin)
    from = space + 1;
  auto to = std::max(end, character_at(plain, std::min(plain.size(), from + snippet_bytes)));
  if (auto space = plain.find_last_of(" \n", to); to < plain.size() && space != std::string_view::npos && space > end)
    to = space;
  auto out = safe_html::trusted(from > 0 ? "… " : "");
  out += html::text(plain.substr(from, begin - from));
  out += safe_html::trusted("<mark>") + html::text(plain.substr(begin, end - begin)) + safe_html::trusted("</mark>");
  out += html::text(plain.substr(end, to - end));
  return to < plain.size() ? out + safe_html::trusted(" …") : out;
}

}  // namespace

search_index::search_index(const std::vector<post_ref>& posts) {
  auto left = searched_bytes_max;
  for (const auto& p : posts) {
    auto e = entry{p, " " + fold(p->title), {}, " " + fold(p->summary), {}};
    for (const auto& tag : p->tags)
      e.tags += " " + fold(tag);
    e.text = " " + fold(truncate_utf8(p->plain, std::min(left, searched_post_bytes_max)));
    left -= std::min(left, e.text.size());
    entries_.push_back(std::move(e));
  }
}

/// 0: not all words are there.
int search_index::score(const entry& e, const std::vector<std::string>& words) {
  auto sum = 0;
  for (const auto& word : words) {
    auto one = score_in(e.title, word, title_score) + score_in(e.tags, word, tag_score)
             + score_in(e.summary, word, summary_score) + text_score * times_in(e.text, word);
    if (one == 0)
      return 0;
    sum += one;
  }
  return sum;
}

std::vector<search_hit> search_index::find(std::string_view query, const std::vector<std::size_t>* among) const {
  auto words = words_of(query);
  if (words.empty())
    return {};
  auto out = std::vector<search_hit>{};
  auto look_at = [&](const entry& e) {
    if (auto sum = score(e, words); sum > 0)
      out.push_back({e.of, sum, {}});
  };
  if (among == nullptr)
    std::for_each(entries_.begin(), entries_.end(), look_at);
  else
    for (auto i : *among)
      look_at(entries_.at(i));
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  if (out.size() > search_hits_max)
    out.erase(out.begin() + search_hits_max, out.end());
  for (auto& hit : out)
    hit.snippet = snippet_of(*hit.of, words);
  return out;
}

}  // namespace beamline::event_horizon
