using System.Globalization;
using System.Text;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Tracking.Calendar;

/// <summary>The user's open appointments as an iCalendar file (RFC 5545), for calendars that subscribe to it by a secret address (TRK-10).</summary>
[Action("日历订阅", "tracking.appointments.read")]
public sealed record CalendarFeed : IQuery<string>;

internal sealed class CalendarFeedHandler(IMediator mediator, IWorkCalendar calendar, TimeProvider clock) : IQueryHandler<CalendarFeed, string>
{
    private const int DaysBack = 31, Most = 500;
    private static readonly string[] Columns = ["subject", "customerId", "contactId", "at", "updatedAt"];

    public async Task<string> Handle(CalendarFeed query, CancellationToken ct)
    {
        var since = calendar.Today.AddDays(-DaysBack).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var page = await mediator.Send(new ListDocuments("appointment", new ListRequest
        {
            Filters = [new Filter("ownerId", FilterOp.Is, "@me"), new Filter("state", FilterOp.Is, Appointments.Appointment.Open), new Filter("at", FilterOp.From, since)],
            Sort = "at",
            Descending = false,
            Take = Most,
            Columns = Columns,
        }), ct);
        var file = new CalendarFile("联系预约");
        foreach (var row in page.Rows)
        {
            var (customer, contact) = (Name(page, row.Values[1]), Name(page, row.Values[2]));
            file.Add($"appointment-{row.Id.ToString(CultureInfo.InvariantCulture)}@kuaipucrm", (DateTime)row.Values[3]!, TimeSpan.FromMinutes(30), $"{customer} {row.Values[0]}".Trim(), contact is null ? null : $"联系人：{contact}",
                row.Version, (DateTime)row.Values[4]!);
        }
        return file.Text(clock.GetUtcNow().UtcDateTime);
    }

    private static string? Name(ListPage page, object? id) => id is long known ? page.Names.GetValueOrDefault(known) : null;
}

/// <summary>Writes a calendar as RFC 5545 wants it: lines of at most 75 octets, texts escaped, moments in UTC.</summary>
internal sealed class CalendarFile(string name)
{
    private const int LineOctets = 75;
    private readonly List<(string Uid, DateTime At, TimeSpan Length, string Summary, string? Description, long Sequence, DateTime Changed)> events = [];

    public void Add(string uid, DateTime at, TimeSpan length, string summary, string? description, long sequence, DateTime changed) => events.Add((uid, at, length, summary, description, sequence, changed));

    public string Text(DateTime now)
    {
        var text = new StringBuilder();
        void Line(string line) => Fold(text, line);
        Line("BEGIN:VCALENDAR");
        Line("VERSION:2.0");
        Line("PRODID:-//KuaipuCrm//Tracking//ZH");
        Line("CALSCALE:GREGORIAN");
        Line("METHOD:PUBLISH");
        Line("X-WR-CALNAME:" + Escape(name));
        foreach (var e in events)
        {
            Line("BEGIN:VEVENT");
            Line("UID:" + e.Uid);
            Line("DTSTAMP:" + Moment(now));
            Line("LAST-MODIFIED:" + Moment(e.Changed));
            Line("SEQUENCE:" + e.Sequence.ToString(CultureInfo.InvariantCulture));
            Line("DTSTART:" + Moment(e.At));
            Line("DTEND:" + Moment(e.At + e.Length));
            Line("SUMMARY:" + Escape(e.Summary));
            if (e.Description is not null) Line("DESCRIPTION:" + Escape(e.Description));
            Line("END:VEVENT");
        }
        Line("END:VCALENDAR");
        return text.ToString();
    }

    private static string Moment(DateTime t) => t.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text.ReplaceLineEndings("\n"))
            if (c == '\n') escaped.Append("\\n");
            else if (c is '\\' or ';' or ',') escaped.Append('\\').Append(c);
            else if (!char.IsControl(c)) escaped.Append(c);
        return escaped.ToString();
    }

    /// <summary>Never within a character: what lies beyond the octets goes on the next line, behind a blank.</summary>
    private static void Fold(StringBuilder text, string line)
    {
        var octets = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > LineOctets)
            {
                text.Append("\r\n ");
                octets = 1;
            }
            text.Append(rune.ToString());
            octets += rune.Utf8SequenceLength;
        }
        text.Append("\r\n");
    }
}
