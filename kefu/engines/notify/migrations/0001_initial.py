
import django.db.models.deletion
import kefu.kit.moment
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('timeline', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=64)),
                ('params', models.JSONField(default=dict)),
                ('at', models.DateTimeField(default=kefu.kit.moment.now)),
                ('read_at', models.DateTimeField(null=True)),
                ('needs_ack', models.BooleanField(default=False)),
                ('acked_at', models.DateTimeField(null=True)),
                ('ack_due_at', models.DateTimeField(null=True)),
                ('instead_of', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='timeline.subject')),
            ],
            options={
                'verbose_name': 'notice',
                'indexes': [models.Index(fields=['recipient', 'id'], name='notify_noti_recipie_a91b45_idx'), models.Index(condition=models.Q(('read_at', None)), fields=['recipient', 'id'], name='notify_unread'), models.Index(condition=models.Q(('acked_at', None), ('needs_ack', True)), fields=['ack_due_at'], name='notify_unacked')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ack_due_at', None), ('needs_ack', True), _connector='OR'), name='notify_due_needs_ack'), models.CheckConstraint(condition=models.Q(('acked_at', None), ('needs_ack', True), _connector='OR'), name='notify_acked_needs_ack')],
            },
        ),
    ]
