// The part of blog_show that is about comments.

#include "apps/event_horizon/json_text.hpp"
#include "apps/event_horizon/views/blog_show.hpp"
#include "apps/event_horizon/views/comment_texts.hpp"
#include "web/live/js.hpp"

#include <algorithm>
#include <utility>

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

/// The thread that a form is about; nil: it begins one.
uid parent_in(const json& fields) {
  auto id = uid::parse(text_of(fields, "parent"));
  return id ? *id : uid{};
}

/// What of `now` is new, in words; of several the newest.
std::string news_in(const discussion& before, const discussion& now, const std::vector<own_comment>& own) {
  const accumulator::comment* newest = nullptr;
  auto look = [&](const accumulator::comment& c) {
    bool is_own = std::any_of(own.begin(), own.end(), [&](const own_comment& o) { return o.what.id == c.id; });
    if (!is_own && before.find(c.id) == nullptr && (newest == nullptr || newest->at < c.at))
      newest = &c;
  };
  for (const auto& t : now.threads) {
    look(t.first);
    for (const auto& a : t.answers)
      look(a);
  }
  return newest == nullptr ? std::string{} : "New comment by " + author_of(*newest);
}

}  // namespace

// -- what others write -----------------------------------------------------------------------------

void blog_show::handle_info(const discussion_updated& m, live::view_socket&) {
  if (m.slug == slug())
    learn(m.now);
}

void blog_show::learn(const discussion_ref& now) {
  const auto& known = assigns_.talk.get();
  if (now == nullptr || now == known || (known != nullptr && known->version > now->version))
    return;
  if (known != nullptr)
    if (auto news = news_in(*known, *now, assigns_.own.get()); !news.empty())
      assigns_.news = std::move(news);
  assigns_.talk = now;
  drop_arrived();
}

// -- what this reader writes --------------------------------------------------------------------------

live::assign<comment_draft>& blog_show::box_of(const uid& parent) {
  return parent.is_nil() ? assigns_.draft : assigns_.answer;
}

void blog_show::write(const live::event& e) {
  const auto& fields = live::form_params(e);
  auto& box = box_of(parent_in(fields));
  box.edit().form = checked_draft(fields, assigns_.bytes_max);
}

void blog_show::send(const live::event& e, live::view_socket& s) {
  const auto& fields = live::form_params(e);
  auto what =
      comment_post{slug(), text_of(fields, "author"), text_of(fields, "content"), parent_in(fields), visitor_, client_};
  auto& box = box_of(what.parent);
  if (box->is_sending)
    return;
  box.edit().form = checked_draft(fields, assigns_.bytes_max);
  if (!box->form.is_valid())
    return;
  box.edit().is_sending = true;
  blog_->comment(s, what, [this, &s, what, fields](const result<comment_answer>& r) {
    auto& sent = box_of(what.parent);
    sent.edit().is_sending = false;
    if (r)
      return take(what, *r, s);
    const auto& wrong = r.error();
    auto is_for_visitor = wrong.code == errc::busy || wrong.code == errc::too_large;
    auto why = wrong.code == errc::invalid ? wrong.message
             : is_for_visitor              ? wrong.message + "."
                                           : std::string{comment_failed_text} + ".";
    sent.edit().form = refused_draft(fields, why);
  });
}

void blog_show::take(const comment_post& what, const comment_answer& answer, live::view_socket& s) {
  auto made = answer.made.value_or(
      accumulator::comment{answer.id, what.slug, what.parent, what.author, what.content, s.env().time().wall_now()});
  auto how = answer.is_waiting ? own_comment::fate::waiting
           : answer.is_sent    ? own_comment::fate::sent
           : answer.is_pending ? own_comment::fate::pending
                               : own_comment::fate::taken;
  keep_own({std::move(made), how});
  author_ = what.author;
  box_of(what.parent) = comment_draft{.form = fresh_draft(author_)};
  if (what.parent.is_nil() || assigns_.replying.get() != what.parent)
    return;
  // The form goes, and with it the focus: what was written takes it.
  s.patch(post_path(slug()), live::history::replace);
  live::js::push_exec(s, "#" + comment_id(answer.id), "data-arrived");
}

void blog_show::open_answer(const uid& thread) {
  if (assigns_.replying.get() == thread)
    return;
  assigns_.replying = thread;
  assigns_.answer = comment_draft{.form = fresh_draft(author_)};
}

void blog_show::keep_own(own_comment c) {
  const auto& talk = assigns_.talk.get();
  if (talk != nullptr && talk->find(c.what.id) != nullptr)
    return;
  auto& own = assigns_.own.edit();
  own.push_back(std::move(c));
  if (own.size() > own_comments_max)
    own.erase(own.begin());
}

void blog_show::drop_arrived() {
  const auto& talk = *assigns_.talk.get();
  auto has_arrived = [&](const own_comment& o) { return talk.find(o.what.id) != nullptr; };
  const auto& own = assigns_.own.get();
  if (std::any_of(own.begin(), own.end(), has_arrived))
    std::erase_if(assigns_.own.edit(), has_arrived);
}

void blog_show::note_sent() {
  assigns_.like_waits = false;
  auto waits = [](const own_comment& o) { return o.how == own_comment::fate::waiting; };
  if (std::none_of(assigns_.own.begin(), assigns_.own.end(), waits))
    return;
  for (auto& o : assigns_.own.edit())
    if (waits(o))
      o.how = own_comment::fate::sent;
}

}  // namespace beamline::event_horizon
