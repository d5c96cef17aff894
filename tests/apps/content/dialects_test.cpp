#include "apps/event_horizon/content/dialects.hpp"

#include "apps/content/folder.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using test::lines_of;

namespace {

struct reading {
  std::string text;
  std::string problems;
};

reading plain(std::string_view source) {
  auto problems = problem_list{};
  auto text = to_plain_markdown(source, 10, problems);
  return {std::move(text), lines_of(problems)};
}

}  // namespace

TEST_CASE("what Jekyll and Hugo add is made plain, line by line") {
  CHECK(plain("{% highlight js linenos %}\nx\n{% endhighlight %}").text == "```js\nx\n```");
  CHECK(plain("{{< highlight go \"linenos=table\" >}}\nx\n{{< /highlight >}}\n").text == "```go\nx\n```\n");
  CHECK(plain("a\n{% raw %}\nb\n{% endraw %}").text == "a\n\nb\n");
  CHECK(plain("text\n{: .note #x}\nmore").text == "text\n\nmore");
  CHECK(plain("![]({{ site.baseurl }}/a.png) {{site.url}}/b").text == "![](/a.png) /b");
  CHECK(plain("plain {text} 100% [a](b)").text == "plain {text} 100% [a](b)");
}

TEST_CASE("other shortcodes stay and are told of with their line") {
  auto r = plain("a\n\n{{< youtube abc >}}\nsee {% include x.html %} here");
  CHECK(r.text == "a\n\n{{< youtube abc >}}\nsee {% include x.html %} here");
  CHECK(
      r.problems
      == ":12: \"{{< youtube abc >}}\" is for another program and is shown as it stands; write it in Markdown or HTML\n"
         ":13: \"{% include x.html %} here\" is for another program and is shown as it stands; write it in Markdown or "
         "HTML\n");
}

TEST_CASE("code is left alone") {
  auto r = plain("```liquid\n{% raw %}\n{{ site.url }}\n```\n~~~\n``` {% raw %}\n~~~\n{% raw %}");
  CHECK(r.text == "```liquid\n{% raw %}\n{{ site.url }}\n```\n~~~\n``` {% raw %}\n~~~\n");
  CHECK(r.problems.empty());
}
